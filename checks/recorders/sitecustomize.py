"""
Starts the recorder in each Python process of a recorded command: Python imports a `sitecustomize` at its start.

The host puts this file and a recorder into the first folder of PYTHONPATH. After the recorder has started, this module
removes itself from `sys.path` and `sys.modules` and imports the `sitecustomize` that Python would have found without
it. Exceptions of that import pass through, as without a recorder. Every Python must be able to parse this file, even
versions that are too old to be recorded.
"""

import os
import sys


def _record():
    """Start the recorder. A failure is reported in the host's folder and is invisible to the program."""
    here = os.path.dirname(__file__)
    try:
        if sys.version_info < (3, 8):  # noqa: UP036 - a command may start any Python, not only the audited one
            raise RuntimeError("recording needs Python 3.8 or newer, this is %d.%d" % sys.version_info[:2])
        __import__("_recorder").start(here)
    except BaseException as problem:  # SystemExit too: the recorder must not end the program
        _report(os.path.dirname(here), problem)
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != here]
        sys.path_importer_cache.pop(here, None)
        for name in ("_recorder", "_carrier", __name__):
            sys.modules.pop(name, None)


def _report(folder, problem):
    """Report a process that could not be recorded. If the scratch folder is gone, the host has ended."""
    import json

    told = [value for value in os.environ.values() if value.startswith(folder + ":")]  # the variable of the recorder
    parent = told[0].rpartition(":")[2] if told else ""
    started = {"tag": "started", "pid": os.getpid(), "parent": parent, "program": ""}
    failed = {"tag": "error", "stage": "start", "error": type(problem).__name__, "message": str(problem)}
    try:
        with open(os.path.join(folder, "failed-%d.jsonl" % os.getpid()), "a") as reply:
            reply.write(json.dumps(started) + "\n" + json.dumps(failed) + "\n")
    except (OSError, IOError):  # noqa: UP024 - two classes before Python 3.3
        return


_record()
__import__("sitecustomize")
