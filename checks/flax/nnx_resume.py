"""
Flax nnx: to train, save, load in a fresh process and train on is to train through.

Why: a checkpoint of nnx that keeps the parameters alone resets the dropout streams and the optimizer at each restart
(maxtext#4343, orbax#1105, flax#4383). The whole of `nnx.state((model, optimizer))` is written and read back.

Remedy: save `nnx.state` of model and optimizer with `nnx.RngState` and `nnx.BatchStat` in it; a typed key goes through
a file as `jax.random.key_data(key)`, and comes back by `wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

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
    return _nnx.resume()
