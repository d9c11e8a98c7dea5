"""
The only door into the payload: `python -B checks/__main__.py VERB REQUEST REPLY`.

Reads one JSON request file, appends one JSON line per answer to the reply file, and prints nothing: frameworks print
to both streams at will, so nothing there is ever parsed. A known failure is an `error` line and exit code 0.
"""

import atexit
import contextlib
import os
import sys
import threading


def _leave_own_folder():
    """
    Remove this folder from `sys.path` and return it.

    Paths are compared by realpath: with abspath the folder would stay on `sys.path` when it was started through a
    symlink, and `import torch` would find `checks/torch/`.
    """
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or os.curdir) != here]
    return here


def _load_payload(here):
    """Import this folder as the private package `_auditor_checks` and return its door module."""
    import importlib
    import importlib.util

    name = "_auditor_checks"
    spec = importlib.util.spec_from_file_location(
        name, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return importlib.import_module(name + ".process.door")


def _leave(code):
    """
    End the process as the interpreter would, less the teardown of what a framework loaded.

    Taking TensorFlow's modules apart takes 0.8 s and torch's 0.4 s of every process, after all answers are written. A
    thread that still runs is waited for in the ordinary way.
    """
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()  # the only way to run what checks and frameworks left to be done at the end
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed or gone: nobody reads it
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(_load_payload(_leave_own_folder()).main(sys.argv[1:]))
