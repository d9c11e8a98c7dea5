"""
transformers: to train, save, load in a fresh process and train on is to train through.

Why: a run that is continued from a checkpoint ended elsewhere than one that was not interrupted, since generators,
schedule or optimizer were not in it (transformers#11323, transformers#17032, transformers#11504). A tiny GPT-2 with
dropout goes through `save_pretrained` and `from_pretrained`; AdamW, schedule and torch's generator beside it, as the
Trainer saves them. The Trainer itself wants `accelerate` and is not measured.

Remedy: save the states of optimizer, schedule and of every generator (`torch.get_rng_state()`) beside the model, or
resume through `Trainer.train(resume_from_checkpoint=...)`.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    severity="high",
    tier="full",
    rule="expected",
    needs=("transformers",),
    on="torch",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _contract.resume()
