"""
Training of a Flax nnx model under one seed gives the same bits again, here and in a fresh process.

Why: users start from one seed and still get another run each time (flax#291, jax#13672). An nnx model holds its random
streams itself, and each call advances them. The check runs three steps under `nnx.jit` with embedding, convolution,
batch norm, attention, dropout, dense and AdamW. One further process has a different string hash seed, memory fill and
temporary folder.

Remedy: create every model from `nnx.Rngs(seed)`, and start each comparison from a new one. On a GPU start the job with
`XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

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
    """Digests of layers with their streams, of the optimizer and of the losses."""
    return _nnx.same_seed()
