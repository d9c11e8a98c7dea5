"""
A seeded `fit` of Keras on JAX gives the same bits again, in this process and in a fresh one.

Why: users set every seed and still get other weights (keras#22621, jax#13672). The model has an embedding, a
convolution, batch and layer norm, attention, dropout and a dense layer; `fit` shuffles, and Adam trains. One further
process has a different string hash seed, memory fill and temporary folder.

Remedy: call `keras.utils.set_random_seed(N)` before the model is built: it seeds Python, NumPy and JAX. On a GPU start
the job with `XLA_FLAGS=--xla_gpu_deterministic_ops=true`.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("keras",),
    explains=("one-thread",),
    compiles=True,
    on="jax",
    under={"keras-backend": "jax"},
)


def measure(settings):
    """Digests of losses, layers, optimizer and dropout generators."""
    return _contract.same_seed()
