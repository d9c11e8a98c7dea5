"""
Cases that the audited release lacks: they are left out of a check's reading and named, and the rest is measured.

Releases rename and add functions, modules and switches. A check wraps each of its cases in `Lacking.case`. What counts
as lacking is narrow, so that a mistake in our own code is still an error: the payload itself asked a framework's module
for a name that it does not have, imported what it does not have, or raised `NotInThisRelease`.
"""

from __future__ import annotations

import contextlib
import os
import types

LIBRARIES = ("torch", "tensorflow", "keras", "jax", "jaxlib", "flax", "haiku", "optax", "numpy", "onnxruntime")
"""Packages whose releases differ in what they contain."""
CONDITION = "not in this release"
"""The name under which a reading's `conditions` list the cases that were left out."""
PAYLOAD = os.path.dirname(os.path.abspath(__file__)) + os.sep
IMPORT_FRAMES = "<frozen importlib"
"""Start of the file name of frames of Python's import system."""
GETTERS = ("__getattr__", "getattr")
"""Functions by which modules answer for names that they do not hold; old releases of JAX call theirs `getattr`."""


class NotInThisRelease(Exception):
    """Raised by a case whose function, switch or argument this release lacks; the message is its name."""


class Lacking:
    """The cases of one measurement that this release lacks: name to what is missing."""

    def __init__(self):
        self.cases = {}

    @contextlib.contextmanager
    def case(self, name):
        """Run one case; if it fails because this release lacks something, note the case. Others raise as before."""
        try:
            yield
        except Exception as problem:
            what = missing(problem)
            if not what:
                raise
            self.cases[name] = what

    def results(self, cases):
        """Name to result of the functions in `cases` that this release can run."""
        found = {}
        for name, run in cases.items():
            with self.case(name):
                found[name] = run()
        return found

    @property
    def conditions(self):
        """What goes into a reading's `conditions`: empty if nothing is lacking."""
        return {CONDITION: dict(self.cases)} if self.cases else {}


def missing(problem):
    """What this release lacks, if that is what the exception says; else an empty text."""
    if isinstance(problem, NotInThisRelease):
        return str(problem)
    if not _asked_by_payload(problem.__traceback__):
        return ""
    if isinstance(problem, ImportError):
        return _import_text(problem) if _is_library(problem.name) else ""
    if isinstance(problem, AttributeError):
        module = getattr(problem, "obj", None)
        if isinstance(module, types.ModuleType) and _is_library(module.__name__):
            return "%s.%s" % (module.__name__, problem.name)
    return ""


def _import_text(problem):
    """The full name of what an import did not find (`name_from` is Python 3.12's)."""
    return "%s (%s)" % (problem.name, problem.msg)


def _is_library(name):
    return (name or "").partition(".")[0] in LIBRARIES


def _asked_by_payload(trace):
    """Whether the innermost frame is the payload's, apart from the import system and modules' own getters."""
    asked = False
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(IMPORT_FRAMES) and code.co_name not in GETTERS:
            asked = os.path.abspath(code.co_filename).startswith(PAYLOAD)
        trace = trace.tb_next
    return asked
