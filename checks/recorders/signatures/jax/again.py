"""Calls one of JAX's programs again, as StableHLO: XLA compiles it here, and its inputs are made."""

from __future__ import annotations

from ....declare import NotApplicable
from ....jax import _unwritten
from .. import calls, grid, numpy_made
from . import portable

WIDE = {"i": (8,), "u": (8,), "f": (8,), "c": (16,)}
"""Sizes in bytes of elements that JAX has only where it is told so, by the kind of dtype."""


class Again:
    """One program, ready to be called."""

    def __init__(self, signature):
        import jax
        import numpy

        operands, named = signature["arguments"]
        text = named.get("program")
        if not isinstance(text, str):
            raise NotApplicable("it is %s" % (text or {}).get("opaque", "no program that can be run here"))
        self._numpy, self._jax = numpy, jax
        statistics = list(signature.get("statistics") or [])
        self._arrays = [
            self._array(one, statistics[place] if place < len(statistics) else None, place + 1)
            for place, one in enumerate(operands)
        ]
        if any(one.dtype.itemsize in WIDE.get(one.dtype.kind, ()) for one in self._arrays):
            # Else JAX cuts its inputs to 32 bits. Programs have types of their own, which this does not change.
            jax.config.update("jax_enable_x64", True)
        self._program = jax.jit(portable.read(text).call)

    def _array(self, described, told, stream):
        if "opaque" in described:
            raise NotApplicable("it takes %s" % described["opaque"])
        try:
            dtype = self._jax.numpy.dtype(described["tensor"])
            return numpy_made.array(self._numpy, dtype, described["shape"], told, stream)
        except TypeError as problem:
            raise NotApplicable("it takes values of the type %s" % described["tensor"]) from problem
        except grid.TooLarge as reason:
            raise NotApplicable(str(reason)) from reason

    def measured(self, arms):
        """The digests of the inputs and of every arm's calls."""
        return calls.measured(self._arrays, self._call, arms, _unwritten.canaries)

    def _call(self):
        return [self._numpy.asarray(one) for one in self._program(*self._arrays)]
