"""
Calls one signature again, with inputs that are made and not kept: the step `signature` of the door.

The host asks for arms. Each answers with digests: of the inputs before the first call, and of the outputs of each call.
"""

from __future__ import annotations

import importlib


def answer(step):
    """
    What the calls of one signature gave: `inputs`, and `arms` (name to the digests of its calls).

    Raises NotApplicable for a signature that cannot be built again here; the message says why.
    """
    module = importlib.import_module("." + framework_of(step["signature"]["operator"]) + ".again", __package__)
    return module.Again(step["signature"]).measured(step["arms"])


def framework_of(operator):
    """The framework of an operator's name."""
    return "torch" if "::" in operator else "tensorflow" if operator.startswith("tf.") else "jax"
