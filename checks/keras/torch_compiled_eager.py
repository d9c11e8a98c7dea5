"""
Keras on PyTorch: `predict` with `jit_compile=True` agrees, up to rounding, with `run_eagerly=True`.

Why: where the compiler computes something else, the same script gives another model's answers (pytorch#106171,
pytorch#168126). The check compares only the forward run of `predict`: `fit` compiles the same layers in five graphs
together with optimizer and metrics, which takes a minute. Each side is compared with float64 computed by NumPy, because
Keras computes float64 in float32 here (keras#23704).

Remedy: call `model.compile(jit_compile=False)`. Where the finding says `uninitialised` or `wrong`, also distrust
earlier results, and try another version of PyTorch.
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
    on="torch",
    under={"keras-backend": "torch"},
)


def measure(settings):
    """The agreement of compiled and eager, with float64 as reference."""
    return _contract.compiled_prediction()
