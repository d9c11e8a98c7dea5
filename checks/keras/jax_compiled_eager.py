"""
Keras on JAX: a step of `fit` gives with `jit_compile=True` what `run_eagerly=True` gives, up to rounding.

Why: Keras decides by itself whether to compile, and with it through `jax.jit`; where the compiler computes something
else, the same script trains to another model (keras#20577, jax#39120). Each side is compared with the same in float64.

Remedy: `model.compile(jit_compile=False)`; where the finding says `uninitialised` or `wrong`, distrust earlier results
too, and change the version of JAX.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    severity="critical",
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
