"""Counts the steps of torch's optimizers, by torch's own hook."""

from __future__ import annotations


def follow(optimizer, table):
    """Count each `step` of any optimizer. A torch without the hook counts none."""
    register = getattr(optimizer, "register_optimizer_step_post_hook", None)
    if register is not None:
        register(lambda *_called: table.stepped())
