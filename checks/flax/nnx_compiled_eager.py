"""
A Flax nnx model gives under `nnx.jit` what it gives operation by operation, up to rounding.

Why: a compiled call that gave another result than the plain one was an array that the module did not hold as a
variable (flax#4620), or rounding (gemma#367). Loss, output and gradients are each compared with the same in float64.

Remedy: the finding names the layer. Keep every array that a module computes with in an `nnx.Variable`; compute what
differs outside of `nnx.jit`, and update jaxlib.
"""

from __future__ import annotations

from ..declare import Check
from . import _nnx

CHECK = Check(
    severity="critical",
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
