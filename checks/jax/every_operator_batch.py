"""
Under `jax.vmap`, a primitive's result for one row does not depend on the values of the other rows.

Why: a batched program has one shape whatever the rows hold, so a row must give the same bits beside any other rows. If
a batching rule mixes rows, a sample's result depends on the rest of the batch (pytorch#124025, vllm#23138). The check
batches one case of every primitive in JAX's test harnesses over three rows: a row beside two others, one of them a
thousand times as large, and beside two copies of itself.

Remedy: map the primitive that the finding names over the rows with `jax.lax.map` instead of `jax.vmap`, and report it.
"""

from __future__ import annotations

from ..declare import Check
from . import _documented, _harness

CHECK = Check(tier="full", rule="expected", compiles=True, documented=_documented.UNDER_VMAP)
PREFERRED = ("float32", "complex64", "int32", "bool", "none")
"""The dtype of a primitive's case: the first of these that it has."""
ENLARGED = 1024
"""Beside so much larger values a row loses its own digits if anything is shared between rows."""


def measure(settings):
    """For each primitive, the digest of a row's result beside copies of itself, and beside other rows."""
    import jax

    asked, reading, left_out = settings.get("names"), {}, {}
    for name, harness in _chosen().items():
        if asked and name not in asked:
            continue
        row = _harness.arguments(harness)
        run = jax.jit(jax.vmap(harness.dyn_fun))
        try:
            beside = {other: jax.tree.map(_stack(other), row) for other in (False, True)}
            alone, mixed = (jax.tree.map(lambda leaf: leaf[0], run(*beside[other])) for other in (False, True))
        except Exception as problem:  # not every case can be batched: recorded, not judged
            left_out[name] = type(problem).__name__
            continue
        reading[name] = {"expected": _harness.short(alone), "observed": _harness.short(mixed)}
    return dict(reading, conditions={"left out": left_out})


def _chosen():
    """One case for each primitive, by entry name."""
    found = {}
    for name, members in _harness.cases().items():
        primitive, _, dtype = name.rpartition(" ")
        rank = PREFERRED.index(dtype) if dtype in PREFERRED else len(PREFERRED)
        if primitive not in found or rank < found[primitive][0]:
            found[primitive] = (rank, name, max(members, key=_size))
    return {name: harness for rank, name, harness in found.values() if name.rpartition(" ")[2] not in _harness.WIDE}


def _size(harness):
    """Number of elements in a case's arguments: rows of one element cannot be distinguished."""
    import numpy

    return sum(numpy.size(value) for value in _harness.arguments(harness))


def _stack(others):
    """Three rows of one argument: the row itself first; beside it two copies, or its values turned and enlarged."""
    import numpy

    def stacked(leaf):
        array = numpy.asarray(leaf)
        turned = array.reshape(-1)[::-1].reshape(array.shape) if others else array
        floating = array.dtype.kind in "fc" or "float" in array.dtype.name
        large = (turned * array.dtype.type(ENLARGED)) if others and floating else turned
        return numpy.stack([array, turned, large])

    return stacked
