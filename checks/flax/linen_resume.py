"""
Flax linen: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: a checkpoint that lacks the optimizer, the running statistics or the key continues as another training run, without
an error (flax#4383, maxtext#4343). The check saves parameters, running state, optax state and key through
`flax.serialization`.

Remedy: save parameters, running statistics, optimizer state and key. Save a typed key as `jax.random.key_data(key)`,
and restore it with `wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from . import _linen, _training

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("flax", "optax"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _training.resume(_linen.model(dropout=0.2), _linen.save, "flax._linen.resumed")
