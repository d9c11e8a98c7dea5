"""
Flax nnx: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: an nnx checkpoint that keeps only the parameters resets the dropout streams and the optimizer at each restart
(maxtext#4343, orbax#1105, flax#4383). The check writes and restores the whole of `nnx.state((model, optimizer))`.

Remedy: save `nnx.state` of model and optimizer with `nnx.RngState` and `nnx.BatchStat` in it. Save a typed key as
`jax.random.key_data(key)`, and restore it with `wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("flax", "optax"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _nnx.resume()
