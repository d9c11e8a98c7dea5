"""
Flax linen: to train, save, load in a fresh process and train on is to train through.

Why: a checkpoint that lacks the optimizer, the running statistics or the key goes on with another training, without an
error (flax#4383, maxtext#4343). Parameters, running state, optax state and key go through `flax.serialization`.

Remedy: save all four. A typed key goes through a file as `jax.random.key_data(key)`, and comes back by
`wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from . import _linen, _training

CHECK = Check(
    severity="high",
    tier="full",
    rule="expected",
    needs=("flax", "optax"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _training.resume(_linen.model(dropout=0.2), _linen.save, "flax._linen.resumed")
