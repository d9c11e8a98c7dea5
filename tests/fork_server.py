"""
A fork server: a process of the audited Python that has imported its framework, and forks a child for each request.

A child runs the door as a process of its own would; what it does not do again is the import (TensorFlow's takes 5 s).
It talks with `forking.py` over its standard streams, one JSON line each way, and ends when its input does.
"""

import contextlib
import importlib.util
import json
import os
import sys
import tempfile


def load(path):
    """The payload's `__main__` as a module, and the door that it loads."""
    spec = importlib.util.spec_from_file_location("auditor_payload_main", path)
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    return main, main._load_payload(main._leave_own_folder())


def prepare(door, framework, needs):
    """Import what every child needs. What cannot be imported is left out: the child's own import says so."""
    if door._import_framework(framework) is None:
        with contextlib.suppress(door.NotApplicable):
            door._import_needed(needs)


def become(request):
    """In the child: its own session, streams, environment and seeds, as a process that was started has them."""
    os.setsid()
    sink, nowhere = os.open(request["sink"], os.O_WRONLY | os.O_APPEND), os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nowhere, 0), (sink, 1), (sink, 2)):
        os.dup2(source, target)
    os.close(request["answers"])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None  # it was chosen by the parent's TMPDIR
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # Python's own generator is seeded anew by fork()
    sys.argv = request["command"]
    sys.modules["__main__"].__file__ = request["command"][0]


def serve(lines, answers):
    """Answer until the input ends (None), or return the request in the child that was forked for it."""
    for line in lines:
        request = json.loads(line)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            told = {"code": os.waitstatus_to_exitcode(status) if pid else None}
        else:
            pid = os.fork()
            if not pid:
                return dict(request, answers=answers)
            told = {"pid": pid}
        os.write(answers, (json.dumps(told) + "\n").encode())
    return None


def main():
    """Arguments: the payload's `__main__.py`, the framework, and modules to import beside it."""
    del sys.path[0]  # the folder of tests, which no process of an audit sees
    path, framework, *needs = sys.argv[1:]
    answers = os.dup(1)
    os.dup2(2, 1)  # what imports print is no answer
    payload, door = load(path)
    prepare(door, framework, needs)
    os.write(answers, b"{}\n")
    with os.fdopen(os.dup(0), encoding="utf-8", closefd=True) as lines:
        request = serve(lines, answers)
    if request:
        become(request)
        payload._leave(door.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
