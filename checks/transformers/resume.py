"""
transformers: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: a run that was continued from a checkpoint ended differently from an uninterrupted one, because the checkpoint
lacked generators, schedule or optimizer (transformers#11323, transformers#17032, transformers#11504). The check saves a
tiny GPT-2 with dropout through `save_pretrained` and `from_pretrained`, and AdamW, schedule and torch's generator
beside it, as the Trainer does. It does not measure the Trainer itself, which needs `accelerate`.

Remedy: save the states of optimizer, schedule and every generator (`torch.get_rng_state()`) beside the model. Or resume
through `Trainer.train(resume_from_checkpoint=...)`.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("transformers",),
    on="torch",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _contract.resume()
