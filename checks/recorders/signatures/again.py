"""
Calls one signature again, with inputs that are made and not kept: the step `signature` of the door.

The host asks for arms. Each answers with digests: of the inputs before the first call, and of the outputs of each call.
"""

from __future__ import annotations

import importlib

from ...declare import NotApplicable


def answer(step):
    """
    What the calls of one signature gave: `inputs`, and `arms` (name to the digests of its calls).

    Raises NotApplicable for a signature that cannot be built again here; the message says why.
    """
    framework = framework_of(step["signature"]["operator"])
    module = importlib.import_module("." + framework + ".again", __package__)
    return module.Again(step["signature"]).measured(step["arms"])


def framework_of(operator):
    """The framework of an operator's name. Raises NotApplicable for one whose operators are not called again."""
    framework = "torch" if "::" in operator else "tensorflow" if operator.startswith("tf.") else "jax"
    if framework != "torch":
        raise NotApplicable("operators of %s are not called again yet" % framework)
    return framework
