"""The collectives of `jax.lax` over several devices, and how many different results each gives."""

from __future__ import annotations

from ..fingerprint import digest
from . import _devices

CALLS = 8
PIECE = 10007
"""Elements (a prime) of the shard that each device receives from each other device."""


def results(calls):
    """
    For each collective and dtype, the distinct digests (hex) of its results, and the digest of an exact answer, if any.

    Where all devices must hold the same result, each device's result counts separately.
    """
    import jax

    devices, found = _devices.host_devices(), {}
    sharding = _devices.sharded(devices)
    for name, (run, values, exact, alike) in _cases(len(devices)).items():
        compiled = jax.jit(_on_each(run, sharding))
        digests = set() if exact is None else _digests(exact, alike)
        for _ in range(calls):
            digests |= _digests(compiled(jax.device_put(values, sharding)), alike)
        found[name] = sorted(digests)
    return found


def _on_each(run, sharding):
    """
    `run` on each device's own row.

    Unchecked, because the checked form keeps one copy of a replicated result; here each device's copy is read.
    """
    import jax

    own = sharding.spec
    shard_map, unchecked = getattr(jax, "shard_map", None), {"check_vma": False}
    if shard_map is None:  # before jax 0.6
        from jax.experimental.shard_map import shard_map

        unchecked = {"check_rep": False}
    return shard_map(lambda rows: run(rows[0])[None], mesh=sharding.mesh, in_specs=own, out_specs=own, **unchecked)


def _digests(result, alike):
    import numpy

    result = numpy.asarray(result)
    return {digest(row) for row in result} if alike else {digest(result)}


def _cases(count):
    """Names to (collective, one row for each device, exact result or None, whether all devices must hold the same)."""
    import numpy
    from jax import lax
    from jax import numpy as jnp

    real = numpy.random.RandomState(4).standard_normal((count, count * PIECE)).astype("float32")
    whole = numpy.random.RandomState(5).randint(-1000, 1000, real.shape).astype("int32")
    pieces = real.reshape(count, count, PIECE)
    ring = [(sender, (sender + 1) % count) for sender in range(count)]
    sums = {
        "psum": (lambda row: lax.psum(row, "rows"), True),
        "psum_scatter": (lambda row: lax.psum_scatter(row, "rows", tiled=True), False),
    }
    cases = {
        "pmean, float32": (lambda row: lax.pmean(row, "rows"), real, None, True),
        "all_gather, float32": (lambda row: lax.all_gather(row, "rows"), real, numpy.stack([real] * count), True),
        "ppermute, float32": (lambda row: lax.ppermute(row, "rows", ring), real, numpy.roll(real, 1, 0), False),
        "all_to_all, float32": (
            lambda row: lax.all_to_all(row, "rows", 0, 0, tiled=True),
            real,
            pieces.swapaxes(0, 1).reshape(real.shape),
            False,
        ),
    }
    for name, (run, alike) in sums.items():
        total = whole.sum(0, dtype="int32")
        exact = numpy.stack([total] * count) if alike else total.reshape(count, -1)
        cases["%s, int32" % name] = (run, whole, exact, alike)
        cases["%s, float32" % name] = (run, real, None, alike)
        cases["%s, bfloat16" % name] = (run, jnp.asarray(real, "bfloat16"), None, alike)
    return cases


def in_child(arguments):
    """In the child: the results of a fresh process."""
    return results(arguments["calls"])
