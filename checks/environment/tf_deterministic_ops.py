"""
TensorFlow's determinism variables have the effect that their names promise.

Why: `TF_DETERMINISTIC_OPS=1` is deprecated since TensorFlow 2.8, but still enables op determinism if it is set before
the process starts (measured with 2.21). `TF_CUDNN_DETERMINISTIC=1` alone does not: it covers only cuDNN's convolutions
(tensorflow#18096).

Remedy: call `tf.config.experimental.enable_op_determinism()` at the start of the program and unset
`TF_CUDNN_DETERMINISTIC`. Or export `TF_DETERMINISTIC_OPS=1` in the job that launches it.
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from . import _installed, _started

CHECK = Check(tier="quick", rule="expected")
TRUE, FALSE = ("1", "true"), ("0", "false")
"""Values that TensorFlow reads as booleans, in any case."""


def measure(settings):
    """Whether each variable that is set has the effect that its name promises."""
    if not _installed.framework_installed("tensorflow"):
        raise NotApplicable("tensorflow is not installed")
    every = _started.started_with("TF_DETERMINISTIC_OPS")
    convolutions = _started.started_with("TF_CUDNN_DETERMINISTIC")
    fine = every == _started.UNSET or every.lower() in TRUE + FALSE
    partial = convolutions.lower() in TRUE and every.lower() not in TRUE
    return {
        "TF_DETERMINISTIC_OPS": {
            "expected": "unset, 0, 1, true or false",
            "observed": "unset, 0, 1, true or false" if fine else every,
        },
        "TF_CUDNN_DETERMINISTIC": {
            "expected": "unset, or with TF_DETERMINISTIC_OPS",
            "observed": "set alone: convolutions only"
            if partial or convolutions == _started.LATE
            else "unset, or with TF_DETERMINISTIC_OPS",
        },
    }
