"""
ONNX Runtime's graph optimisations change a result only by rounding.

Why: the optimiser fuses and rewrites nodes, and some models then gave wrong results (onnxruntime#18959,
onnxruntime#20321, onnxruntime#23143, onnxruntime#4110). The check compares a small model with optimisations ALL and
DISABLE with the reference implementation of ONNX in float64, to tell rounding from error.

Remedy: set `SessionOptions.graph_optimization_level = ORT_DISABLE_ALL`, or the highest level that still agrees. Report
the model.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _model

CHECK = Check(
    tier="full",
    rule="within",
    needs=("onnxruntime", "onnx", "numpy"),
    explains=("one-thread", "memory-fill"),
)
LEVELS = ("ORT_DISABLE_ALL", "ORT_ENABLE_ALL")


def measure(settings):
    """Agreement of the outputs with and without optimisations."""
    from onnx.reference import ReferenceEvaluator

    feeds = _model.image()
    plain, optimised = (_model.run(_model.classifier(), feeds, settings, level)[0] for level in LEVELS)
    wide = _model.classifier("float64")
    found = ReferenceEvaluator(wide).run(None, {"image": feeds["image"].astype("float64")})
    exact = dict(zip([output.name for output in wide.graph.output], found))
    return {name: agreement(plain[name], optimised[name], exact[name], _model.REDUCTION) for name in plain}
