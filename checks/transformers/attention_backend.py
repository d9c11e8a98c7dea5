"""
A transformers model with `sdpa` attention agrees, up to rounding, with `eager` attention.

Why: the implementation depends on what is installed, and has changed logits far beyond rounding: another mask, another
scale, padding that was not masked (transformers#32086, transformers#39067, transformers#29187). The check compares
GPT-2 and Llama, with padding, with the eager implementation in float64: loss, logits at unpadded positions, gradients.

Remedy: name the implementation: `from_pretrained(..., attn_implementation="eager")`. Record it with the experiment.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="within",
    needs=("transformers",),
    explains=("memory-fill",),
    on="torch",
)


def measure(settings):
    """Agreement of both implementations, for each family of models."""
    values = {}
    for family, made in {"gpt2": _gpt2, "llama": _contract.grouped}.items():
        with _contract.seeded():
            plain, other = made("eager").train(), made("sdpa").train()
            other.load_state_dict(plain.state_dict())
            results = [_contract.gradients(model, model) for model in (plain, other)]
            exact = _contract.gradients(plain.double(), plain)
        values.update(_contract.compared(family + ": ", *results, exact))
    return values


def _gpt2(attention):
    return _contract.causal(0.0, attention)
