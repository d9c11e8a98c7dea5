"""
Keras on PyTorch: `predict` gives with `jit_compile=True` what `run_eagerly=True` gives, up to rounding.

Why: where the compiler computes something else, the same script gives another model's answers (pytorch#106171,
pytorch#168126). `fit` compiles the same layers in five graphs together with optimizer and metrics, which takes a
minute: the forward run of `predict` is what is compiled here. Each side is compared with the same in float64, by
NumPy, since Keras computes float64 in float32 here (keras#23704).

Remedy: `model.compile(jit_compile=False)`; where the finding says `uninitialised` or `wrong`, distrust earlier results
too, and change the version of PyTorch.
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
    on="torch",
    under={"keras-backend": "torch"},
)


def measure(settings):
    """The agreement of compiled and eager, with float64 as reference."""
    return _contract.compiled_prediction()
