"""
Training of a Flax linen model under one key gives the same bits again, here and in a fresh process.

Why: users start from one key and still get another run each time (flax#291, haiku#114, jax#13672). The check runs three
steps with embedding, convolution, batch norm, attention, dropout, dense and AdamW. One further process has a different
string hash seed, memory fill and temporary folder.

Remedy: derive every key from one `jax.random.key(seed)`, and pass the same `rngs` to `apply`. If the model repeats,
look at the input pipeline. On a GPU start the job with `XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from . import _linen, _training

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("flax", "optax"),
    explains=("one-thread",),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests of layers, running state, optimizer, key and losses."""
    return _training.same_seed(_linen.model(dropout=0.2))
