"""
Names and equations of calls that were compiled ahead of time (`jax.jit(f).lower(x).compile()`).

JAX keeps no equations with a compiled call, so they are noted when a function is lowered and when that is compiled.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import weakref


class _Running(threading.local):
    """Whether this thread calls a compiled function."""

    runs = False


class AheadOfTime:
    """The equations of lowered and compiled functions while these are alive."""

    def __init__(self, process):
        self._process = process
        self._known = weakref.WeakKeyDictionary()
        self.local = _Running()

    def parameters(self, compiled):
        """The parameters that a jitted call of this function would have."""
        try:
            return {"name": _name(compiled), "jaxpr": self._known.get(compiled), "ahead": True}
        except Exception as problem:
            self._process.problem(problem)
            return {"name": "compiled", "ahead": True}

    @contextlib.contextmanager
    def running(self):
        """Within the block a compiled function is called in this thread, which is recorded where it is called."""
        before, self.local.runs = self.local.runs, True
        try:
            yield
        finally:
            self.local.runs = before

    def is_own(self, function):
        """Whether JAX's fast path calls `function` for a compiled one: that wraps no Python function."""
        return self.local.runs and getattr(function, "__wrapped__", None) is None

    def follow(self, stages):
        """Wrap both steps if this JAX has them. A call without equations is recorded too."""
        for kind, name, noted in (("Traced", "lower", _equations), ("Lowered", "compile", self._known.get)):
            kind = getattr(stages, kind, None)  # noqa: PLW2901 - by its name
            if hasattr(kind, name):
                setattr(kind, name, self._noting(getattr(kind, name), noted))

    def _noting(self, plain, equations):
        @functools.wraps(plain)
        def step(self_, *args, **named):
            made = plain(self_, *args, **named)
            self._note(made, equations, self_)
            return made

        return step

    def _note(self, made, equations, before):
        try:
            found = equations(before)
            if found is not None:
                self._known[made] = found
        except Exception as problem:
            self._process.problem(problem)


def _equations(traced):
    """The equations of a traced function; None if their arguments are not those of the function."""
    jaxpr = getattr(traced, "jaxpr", None)
    leaves = getattr(getattr(traced, "in_tree", None), "num_leaves", None)
    return jaxpr if leaves is None or jaxpr is None or leaves == len(jaxpr.in_avals) else None


def _name(compiled):
    name = getattr(getattr(getattr(compiled, "_executable", None), "unsafe_call", None), "name", None)
    name = str(name or "compiled")
    return name[4:-1] if name.startswith("jit(") and name.endswith(")") else name
