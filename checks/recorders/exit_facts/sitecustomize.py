"""
First on PYTHONPATH in every process of `auditor probe -- COMMAND`; Python imports it by its name at start.

It starts the recorder, takes itself out of `sys.path` and `sys.modules`, and then imports the sitecustomize that Python
would have found without it. That import's exceptions pass through, so that Python words them as it always does. Any
Python can parse this file, the old ones included that the recorder refuses.
"""

import os
import sys


def _record():
    """Start the recorder; what goes wrong is left in its reply file, for the program must not notice."""
    here = os.path.dirname(__file__)
    try:
        if sys.version_info < (3, 8):  # noqa: UP036 - a command may start any Python, not only the audited one
            raise RuntimeError("facts need Python 3.8 or newer, this is %d.%d" % sys.version_info[:2])
        __import__("_exit_facts").start(here)
    except BaseException as problem:  # SystemExit included: nothing of ours may end the program
        _report(problem)
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != here]
        sys.path_importer_cache.pop(here, None)
        for name in ("_exit_facts", "_carrier", __name__):
            sys.modules.pop(name, None)


def _report(problem):
    """Write the lines of a process that could not be recorded; a scratch folder that is gone has no reader left."""
    import json

    try:
        replies, _, parent = os.environ["AUDITOR_EXIT_FACTS"].rpartition(":")
        started = {"tag": "started", "pid": os.getpid(), "parent": parent, "program": ""}
        failed = {"tag": "error", "stage": "start", "error": type(problem).__name__, "message": str(problem)}
        with open(os.path.join(replies, "failed-%d.jsonl" % os.getpid()), "a") as reply:
            reply.write(json.dumps(started) + "\n" + json.dumps(failed) + "\n")
    except (KeyError, OSError, IOError):  # noqa: UP024 - before Python 3.3 they were two
        return


_record()
__import__("sitecustomize")
