"""No contamination: what a check leaves changed in its process is that check's error."""

from __future__ import annotations

import hashlib
import locale
import os
import random
import sys

from . import discovery


class Contamination(Exception):
    """A check changed state that later checks in the same process would measure under."""

    def __init__(self, names):
        super().__init__("the check left changed: %s" % ", ".join(names))


def snapshot(framework):
    """Names of process state to short values: python-level always, the framework's own when one is loaded."""
    state = _python_state()
    if framework in ("torch", "tensorflow", "jax"):
        state.update(discovery.load("%s._state" % framework).snapshot())
    return state


def differences(before, after):
    """Names of the states that differ, sorted."""
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
    """Key, position and what is kept of the last normal draw: most draws move the position alone."""
    name, key, *rest = numpy.random.get_state(legacy=True)
    return repr((name, key.tolist(), rest))


def _short(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
