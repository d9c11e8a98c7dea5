"""
A transformers model under `torch.compile` agrees with the eager one up to rounding.

Why: a compiled model gave other logits, and in one case unusable text (pytorch#106171, pytorch#120462, torchtitan#2196,
pytorch#158226). The check compares loss, logits and gradients of a tiny GPT-2 without dropout with float64, to tell
rounding from error.

Remedy: do not compile the model that the finding names. Or compile it with `backend="aot_eager"`, and try another
version of torch.
"""

from __future__ import annotations

from ..declare import Check
from ..torch import _compiling
from . import _contract

CHECK = Check(
    tier="full",
    rule="within",
    needs=("transformers",),
    explains=("memory-fill",),
    compiles=True,
    on="torch",
)


def measure(settings):
    """Agreement of loss, logits and gradients."""
    import torch

    _compiling.refuse_without_compiler()
    with _compiling.fresh_tracing(), _contract.seeded():
        model = _contract.causal(dropout=0.0).train()
        eager = _contract.gradients(model, model)
        compiled = _contract.gradients(torch.compile(model, dynamic=False), model)
        exact = _contract.gradients(model.double(), model)
    return _contract.compared("", eager, compiled, exact)
