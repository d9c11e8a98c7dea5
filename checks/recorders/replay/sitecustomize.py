"""
First on PYTHONPATH in every process of `auditor replay -- COMMAND`; Python imports it by its name at start.

It starts the recorder, takes itself out of `sys.path` and `sys.modules`, and then imports the sitecustomize that Python
would have found without it. Any Python can parse this file, the old ones included that the recorder refuses.
"""

import os
import sys


def _record():
    """Start the recorder; what goes wrong is left in its folder, for the program must not notice."""
    here = os.path.dirname(__file__)
    try:
        if sys.version_info < (3, 8):  # noqa: UP036 - a command may start any Python, not only the audited one
            raise RuntimeError("recording needs Python 3.8 or newer, this is %d.%d" % sys.version_info[:2])
        __import__("_replay").start(here)
    except BaseException as problem:  # SystemExit included: nothing of ours may end the program
        _report(problem)
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != here]
        sys.path_importer_cache.pop(here, None)
        for name in ("_replay", "_carrier", __name__):
            sys.modules.pop(name, None)


def _report(problem):
    """Name the process that could not be recorded; a folder that is gone has no reader left."""
    try:
        folder = os.environ["AUDITOR_REPLAY"].rpartition(":")[0]
        with open(os.path.join(folder, "failed-%d.txt" % os.getpid()), "a") as told:
            told.write("%s: %s\n" % (type(problem).__name__, problem))
    except (KeyError, OSError, IOError):  # noqa: UP024 - before Python 3.3 they were two
        return


_record()
__import__("sitecustomize")
