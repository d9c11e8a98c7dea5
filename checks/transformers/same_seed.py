"""
A transformers model under one seed trains and generates the same bits again, here and in a fresh process.

Why: users call `set_seed` and still get another text or loss (transformers#34693, transformers#23215,
transformers#12942). The check trains a tiny GPT-2 made in memory with dropout, AdamW and a schedule, and then samples
with top-k and top-p. One further process has a different string hash seed, memory fill and temporary folder.

Remedy: call `transformers.set_seed(N)` before the model is created, and again before `generate(do_sample=True)`. Also
call `transformers.enable_full_determinism(N)`, which turns on torch's switches.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _contract

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("transformers",),
    cure="framework-switch",
    explains=("one-thread",),
    on="torch",
)


def measure(settings):
    """Digests of the trained parts, the losses, and the sampled words."""
    with _contract.seeded():
        model = _contract.causal(dropout=0.1).train()
        losses = _contract.train(model, *_contract.trainers(model), _contract.STEPS)
        values = {"part:" + name: digest(part.state_dict()) for name, part in model.transformer.named_children()}
        return dict(values, losses=digest(losses), sampled=digest(_sample(model.eval())))


def _sample(model):
    """Words drawn from the trained model."""
    drawn, _ = _contract.words()
    prompt = drawn[:4, :6]
    how = {"do_sample": True, "top_k": 30, "top_p": 0.9, "max_new_tokens": 8}
    return model.generate(prompt, attention_mask=prompt.new_ones(prompt.shape), **how)
