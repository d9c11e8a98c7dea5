"""
A computation sharded over several devices agrees with one device up to rounding, and repeats its bits.

Why: a sharding changes how sums are split, which changes rounding. A loss averaged over shards, or a sum that misses
one, gives a wrong result without an error (jax#21403: a cumulative sum that starts anew in each shard). In jaxlib
0.10.2 a cumulative sum and a cumulative maximum of one array in one program, along the split axis, share what pads the
array, and one of them is wrong. The check runs a matmul whose sum is split, reductions, scans, sorts and normalisations
along the split axis and the gradients of a training step on one device and over several, each against float64.

Remedy: make scans that the finding names in programs of their own, or with `jax.lax.associative_scan`. Else constrain
the sharding of the values that the finding names (`jax.lax.with_sharding_constraint`) or keep them on
one device, and report it. Where the repetition differs, see `jax-collectives`.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from ..fingerprint import digest
from . import _devices, _layers, _reference
from .compiled_eager import REDUCTION, _gradients, _inputs

CHECK = Check(
    tier="full",
    rule="within",
    isolates=True,
    compiles=True,
    explains=("one-thread", "memory-fill"),
    requires={"devices": 2},
)
CALLS, ROWS, WIDTH = 6, 1024, 48


def measure(settings):
    """The agreement of one device and several for each result, and whether several devices repeat their bits."""
    import jax

    devices = _usable(_devices.host_devices())
    values = {}
    for name, (run, inputs, cut, exact) in _programs().items():
        rows = _devices.sharded(devices)
        whole = jax.sharding.NamedSharding(rows.mesh, jax.sharding.PartitionSpec())
        shardings = tuple(rows if each else whole for each in cut)
        sharded = jax.jit(run, in_shardings=shardings, out_shardings=whole)
        plain, calls = jax.jit(run)(*inputs), [sharded(*inputs) for _ in range(CALLS)]
        for part, truth in exact.items():
            values["%s%s" % (name, part)] = agreement(plain[part], calls[0][part], truth, REDUCTION)
        values["%s again" % name] = _same([digest(call) for call in calls])
    return dict(values, conditions={"devices": len(devices)})


def _same(digests):
    """A reading without rounding error to weigh: bits must be equal."""
    other = next((each for each in digests if each != digests[0]), digests[0])
    return {"bits_equal": other == digests[0], "eager": digests[0], "compiled": other}


def _usable(devices):
    """As many devices as divide the batch of 8 rows."""
    return devices[: max(count for count in (2, 4, 8) if count <= len(devices))]


def _programs():
    """Name to (program, inputs, which of them are sharded, the exact results by part)."""
    import jax
    import numpy
    from jax import lax
    from jax import numpy as jnp

    def matmul(left, right):
        return {"": left.T @ right}  # the sum runs along the sharded axis

    def reductions(matrix):
        return {" sum": matrix.sum(0), " variance": matrix.var(0), " maximum": jnp.abs(matrix).max()}

    def sums(matrix):
        return {"": matrix.cumsum(0)}

    def scans(matrix):
        return {" sum": matrix.cumsum(0), " maximum": lax.cummax(matrix, 0)}

    def orders(matrix):
        return {" sort": jnp.sort(matrix, 0), " roll": jnp.roll(matrix, 3, 0), " reversed": matrix[::-1]}

    def normalised(matrix):
        return {" softmax": jax.nn.softmax(matrix, 0), " logsumexp": jax.nn.logsumexp(matrix, 0)}

    left, right = numpy.random.RandomState(9).standard_normal((2, ROWS, WIDTH)).astype("float32")
    inputs = _inputs()
    return {
        "matmul": (matmul, (left, right), (True, True), _layers.exact(matmul, left, right)),
        "reduction": (reductions, (left,), (True,), _layers.exact(reductions, left)),
        "cumulative sum": (sums, (left,), (True,), _layers.exact(sums, left)),
        "scans together": (scans, (left,), (True,), _layers.exact(scans, left)),
        "order": (orders, (left,), (True,), _layers.exact(orders, left)),
        "norm": (normalised, (left,), (True,), _layers.exact(normalised, left)),
        "training step": (_parts, inputs, (False, True, True), _named(_reference.gradients(*inputs))),
    }


def _parts(*inputs):
    return _named(_gradients(*inputs))


def _named(results):
    return {": %s" % name: value for name, value in results.items()}
