"""
Keras on JAX: a step of `fit` with `jit_compile=True` agrees, up to rounding, with `run_eagerly=True`.

Why: Keras itself decides whether to compile, and compiles with `jax.jit`. Where the compiler computes something else,
the same script trains to another model (keras#20577, jax#39120). The check compares each side with float64.

Remedy: call `model.compile(jit_compile=False)`. Where the finding says `uninitialised` or `wrong`, also distrust
earlier results, and try another version of JAX.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="within",
    needs=("keras",),
    explains=("memory-fill",),
    compiles=True,
    on="jax",
    under={"keras-backend": "jax"},
)


def measure(settings):
    """The agreement of compiled and eager, with float64 as reference."""
    return _contract.compiled_training()
