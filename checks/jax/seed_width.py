"""
Seeds that differ above their 32nd bit give different draws.

Why: without 64-bit types JAX keeps the low 32 bits of a seed without a warning, so a seed made from a hash or from a
nanosecond clock can equal another run's seed: 0 and 2^32 give one key, and so do -1 and 2^32 - 1. This is by design
(jax#4877, jax#4745), but the documentation of `jax.random.key` speaks of a 64- or 32-bit integer.

Remedy: use seeds below 2^32. Or fold the upper half in: `jax.random.fold_in(jax.random.key(seed & 0xFFFFFFFF), seed >>
32)`. With `jax_enable_x64` all 64 bits count.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest

CHECK = Check(
    tier="full",
    rule="different",
    across=("process",),
    documented={"*": "https://github.com/jax-ml/jax/pull/4877"},
)
PAIRS = ((0, 2**32), (1, 2**63 - 2**32 + 1), (2**32 - 1, -1))


def measure(settings):
    """For each pair of seeds, the digests of both keys' draws."""
    import jax

    return {"seeds %d and %d" % pair: [_draw(jax, seed) for seed in pair] for pair in PAIRS}


def _draw(jax, seed):
    return digest(jax.random.bits(jax.random.key(seed), (4,)))
