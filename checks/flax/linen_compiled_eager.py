"""
A Flax linen model under `jax.jit` agrees with op-by-op execution up to rounding.

Why: users compare the two and cannot tell whether a difference is rounding or an error (flax#3777, gemma#367). The
check compares loss, output and gradients with float64 to tell them apart.

Remedy: compute the layer that the finding names outside of `jax.jit`, or raise its precision (`precision="highest"`).
Update jaxlib.
"""

from __future__ import annotations

from ..declare import Check
from . import _linen, _training

CHECK = Check(
    tier="full",
    rule="within",
    needs=("flax", "optax"),
    explains=("one-thread", "memory-fill"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Agreement of loss, output and gradients."""
    return _training.compiled_eager(_linen.model(dropout=0))
