"""
A Haiku model gives under `jax.jit` what it gives operation by operation, up to rounding.

Why: users compare the two and cannot say whether a difference is rounding or an error (flax#3777, gemma#367). Loss,
output and gradients are each compared with the same in float64, so that the two are told apart.

Remedy: the finding names the layer. Compute it outside of `jax.jit`, or with `jax_default_matmul_precision` at
`highest`, and update jaxlib.
"""

from __future__ import annotations

from ..declare import Check
from ..flax import _training
from . import _model

CHECK = Check(
    severity="critical",
    tier="full",
    rule="within",
    needs=("haiku", "optax"),
    explains=("one-thread", "memory-fill"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Agreement of loss, output and gradients."""
    return _training.compiled_eager(_model.model(dropout=0))
