"""
First on PYTHONPATH in every process of a command that is recorded; Python imports it by its name at start.

It starts the recorder that the host has put beside it, takes itself out of `sys.path` and `sys.modules`, and then
imports the sitecustomize that Python would have found without it. That import's exceptions pass through, so that Python
words them as it always does. Any Python can parse this file, the old ones included that a recorder refuses.
"""

import os
import sys


def _record():
    """Start the recorder; what goes wrong is left in the host's folder, for the program must not notice."""
    here = os.path.dirname(__file__)
    try:
        if sys.version_info < (3, 8):  # noqa: UP036 - a command may start any Python, not only the audited one
            raise RuntimeError("recording needs Python 3.8 or newer, this is %d.%d" % sys.version_info[:2])
        __import__("_recorder").start(here)
    except BaseException as problem:  # SystemExit included: nothing of ours may end the program
        _report(os.path.dirname(here), problem)
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != here]
        sys.path_importer_cache.pop(here, None)
        for name in ("_recorder", "_carrier", __name__):
            sys.modules.pop(name, None)


def _report(folder, problem):
    """Write the lines of a process that could not be recorded; a scratch folder that is gone has no reader left."""
    import json

    told = [value for value in os.environ.values() if value.startswith(folder + ":")]  # the recorder's own variable
    parent = told[0].rpartition(":")[2] if told else ""
    started = {"tag": "started", "pid": os.getpid(), "parent": parent, "program": ""}
    failed = {"tag": "error", "stage": "start", "error": type(problem).__name__, "message": str(problem)}
    try:
        with open(os.path.join(folder, "failed-%d.jsonl" % os.getpid()), "a") as reply:
            reply.write(json.dumps(started) + "\n" + json.dumps(failed) + "\n")
    except (OSError, IOError):  # noqa: UP024 - before Python 3.3 they were two
        return


_record()
__import__("sitecustomize")
