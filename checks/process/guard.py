"""Guard against contamination: a check that leaves process state changed is reported as an error."""

from __future__ import annotations

import hashlib
import locale
import os
import random
import sys

from . import discovery


class Contamination(Exception):
    """A check changed process state under which later checks of the same process would measure."""

    def __init__(self, names):
        super().__init__("the check left changed: %s" % ", ".join(names))


def snapshot(framework):
    """Process state by name, as short texts: of Python, and of the framework if one is given."""
    state = _python_state()
    if framework in ("torch", "tensorflow", "jax"):
        state.update(discovery.load("%s._state" % framework).snapshot())
    return state


def differences(before, after):
    """Sorted names of the state that differs between two snapshots."""
    return sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))


def _python_state():
    state = {
        "python random state": _short(repr(random.getstate())),
        "environment variables": _short(repr(sorted(os.environ.items()))),
        "working folder": os.getcwd(),
        "locale": repr(locale.setlocale(locale.LC_ALL)),
        "recursion limit": sys.getrecursionlimit(),
    }
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        state["numpy random state"] = _short(_numpy_state(numpy))
        state["numpy error state"] = repr(numpy.geterr())
    return state


def _numpy_state(numpy):
    """The generator's key, position and cached normal draw; most draws change only the position."""
    name, key, *rest = numpy.random.get_state(legacy=True)
    return repr((name, key.tolist(), rest))


def _short(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
