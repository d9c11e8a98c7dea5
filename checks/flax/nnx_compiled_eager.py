"""
A Flax nnx model under `nnx.jit` agrees with op-by-op execution up to rounding.

Why: where a compiled call gave another result than the plain one, the module used an array that it did not hold as a
variable (flax#4620), or the difference was rounding (gemma#367). The check compares loss, output and gradients with
float64.

Remedy: compute the layer that the finding names outside of `nnx.jit`, and keep every array that a module computes with
in an `nnx.Variable`. Update jaxlib.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

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
    return _nnx.compiled_eager()
