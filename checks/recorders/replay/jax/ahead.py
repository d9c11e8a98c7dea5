"""
Calls that were compiled ahead of time (`jax.jit(f).lower(x).compile()`): their names, and the equations they came from.

JAX keeps no equations with a compiled call. They are noted here when it is lowered, and followed to what is compiled.
"""

from __future__ import annotations

import functools
import weakref


class Ahead:
    """The equations of what was lowered and compiled, as long as that lives."""

    def __init__(self, process):
        self._process = process
        self._known = weakref.WeakKeyDictionary()

    def parameters(self, compiled):
        """What a jitted call would have as its parameters."""
        try:
            return {"name": _name(compiled), "jaxpr": self._known.get(compiled), "ahead": True}
        except Exception as problem:
            self._process.problem(problem)
            return {"name": "compiled", "ahead": True}

    def follow(self, stages):
        """Hook both steps, as far as this JAX has them; a call without equations is recorded all the same."""
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
    """Of a traced function; None where its arguments are not those of its equations."""
    jaxpr = getattr(traced, "jaxpr", None)
    leaves = getattr(getattr(traced, "in_tree", None), "num_leaves", None)
    return jaxpr if leaves is None or jaxpr is None or leaves == len(jaxpr.in_avals) else None


def _name(compiled):
    name = getattr(getattr(getattr(compiled, "_executable", None), "unsafe_call", None), "name", None)
    name = str(name or "compiled")
    return name[4:-1] if name.startswith("jit(") and name.endswith(")") else name
