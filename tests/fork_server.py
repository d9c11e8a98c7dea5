"""
A fork server: a process of the audited Python that has imported its framework, and forks a child for each request.

A child runs the door as a process of its own would; what it does not do again is the import (TensorFlow's takes 5 s).
It talks with `forking.py` over a stream, one JSON line each way, and ends when its input does. Before a child does
anything it forks a server in turn, which starts the fresh interpreters that some checks have (ranks, resumed runs).
"""

import atexit
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

READ_AT_FIRST_USE = (
    "CUDA_VISIBLE_DEVICES",
    "GLOO_SOCKET_IFNAME",
    "NCCL_SOCKET_IFNAME",
    "TMPDIR",
    "XLA_FLAGS",
    "XLA_PYTHON_CLIENT_PREALLOCATE",
)
"""Variables that a check may change for its own interpreters, and that no import reads."""


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
    """In the child: streams, environment and seeds as a process that was started has them."""
    sink, nowhere = os.open(request["sink"], os.O_WRONLY | os.O_APPEND), os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nowhere, 0), (sink, 1), (sink, 2)):
        os.dup2(source, target)
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
                os.close(answers)
                return request
            told = {"pid": pid}
        os.write(answers, (json.dumps(told) + "\n").encode())
    return None


class Grandchild:
    """A fresh interpreter of a check, with the methods of `subprocess.Popen` that the payload's `child.py` uses."""

    def __init__(self, server, command, environment, errors):
        """Forked from the server, which no check and no set-up file has changed."""
        self._server, self.returncode = server, None
        told = {"command": command[2:], "environment": environment, "sink": errors.name, "folder": str(Path.cwd())}
        self.pid = server.ask(told)["pid"]

    def poll(self):
        """Its exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self._server.ask({"poll": self.pid})["code"]
        return self.returncode

    def wait(self, timeout=None):
        """Its exit code. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked interpreter", timeout)
            time.sleep(0.005)
        return self.returncode

    def kill(self):
        """End it at once."""
        os.kill(self.pid, 9)


class Pristine:
    """A copy of the server, forked before the child has changed anything."""

    def __init__(self):
        """Fork it. In the copy, and in what it forks, `request` is what to become."""
        mine, theirs = socket.socketpair()
        self.request, self._pid = None, os.fork()
        if self._pid:
            theirs.close()
            self._lines = os.fdopen(mine.detach(), "r+b", buffering=0)
            atexit.register(self._close)
            return
        mine.close()
        answers = theirs.detach()
        with os.fdopen(os.dup(answers), encoding="utf-8") as lines:
            self.request = serve(lines, answers)
        if not self.request:
            os._exit(0)

    def _close(self):
        """At the end of the child: end the copy, and wait for it."""
        self._lines.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def ask(self, request):
        """The answer to one request."""
        self._lines.write((json.dumps(request) + "\n").encode())
        return json.loads(self._lines.readline())

    def install(self, child):
        """Give the payload's `child` module forks where its interpreters have nothing that an import reads."""
        kept, real = _read_early(os.environ), subprocess

        def popen(command, env, stderr, **more):
            if _read_early(env) == kept:
                return Grandchild(self, command, env, stderr)
            return real.Popen(command, env=env, stderr=stderr, **more)

        names = ("DEVNULL", "TimeoutExpired")
        child.subprocess = types.SimpleNamespace(Popen=popen, **{name: getattr(real, name) for name in names})


def _read_early(environment):
    return {name: value for name, value in environment.items() if name not in READ_AT_FIRST_USE}


def main():
    """Arguments: the payload's `__main__.py`, the framework, and modules to import beside it."""
    del sys.path[0]  # the folder of tests, which no process of an audit sees
    path, framework, *needs = sys.argv[1:]
    answers = os.dup(1)
    os.dup2(2, 1)  # what imports print is no answer
    payload, door = load(path)
    prepare(door, framework, needs)
    os.write(answers, b"{}\n")
    with os.fdopen(os.dup(0), encoding="utf-8") as lines:
        request = serve(lines, answers)
    if not request:
        return
    os.setsid()
    pristine = Pristine()
    become(pristine.request or request)
    if not pristine.request:
        pristine.install(door.child)
    payload._leave(door.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
