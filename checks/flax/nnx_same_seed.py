"""
Training of a Flax nnx model under one seed gives the same bits again, here and in a fresh process.

Why: people start from one seed and still get another run each time (flax#291, jax#13672); a model of nnx holds its
random streams itself, and each call moves them on. Three steps under `nnx.jit` with embedding, convolution, batch
norm, attention, dropout, dense and AdamW; a further process has another string hash seed, memory fill and temporary
folder.

Remedy: make every model from `nnx.Rngs(seed)`, and start each comparison from a new one. On a GPU start the job with
`XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

CHECK = Check(
    severity="high",
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
