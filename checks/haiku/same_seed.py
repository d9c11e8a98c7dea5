"""
Training of a Haiku model under one key gives the same bits again, here and in a fresh process.

Why: the same example gave another loss in each run (dm-haiku#114), and users ask what `hk.next_rng_key` promises
(dm-haiku#585). The check runs three steps with embedding, convolution, batch norm, attention, dropout, dense and AdamW.
One further process has a different string hash seed, memory fill and temporary folder.

Remedy: derive every key from one `jax.random.key(seed)` and pass it to `init` and `apply`. If the model repeats, look
at the input pipeline. On a GPU start the job with `XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from ..flax import _training
from . import _model

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("haiku", "optax"),
    explains=("one-thread",),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests of layers, running state, optimizer, key and losses."""
    return _training.same_seed(_model.model(dropout=0.2))
