"""
Keras on TensorFlow: a step of `fit` gives with `jit_compile=True` what `run_eagerly=True` gives, up to rounding.

Why: Keras decides by itself whether to compile, and with it through XLA; where the compiler computes something else,
the same script trains to another model (tensorflow#125391, keras#22512, tensorflow#118314). Each side is compared with
the same in float64.

Remedy: `model.compile(jit_compile=False)`; where the finding says `uninitialised` or `wrong`, distrust earlier results
too, and change the version of TensorFlow.
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
    on="tensorflow",
    under={"keras-backend": "tensorflow"},
)


def measure(settings):
    """The agreement of compiled and eager, with float64 as reference."""
    return _contract.compiled_training()
