"""
ONNX Runtime gives the same bits with one thread and with many.

Why: sums that are split over threads are grouped differently, so two machines differ in the last bits
(onnxruntime#13061, onnxruntime#9704). Nobody promises otherwise, so these differences are recorded and do not fail.

Remedy: give every session the same number of threads: `SessionOptions.intra_op_num_threads = N`. OMP_NUM_THREADS has no
effect on the released packages.
"""

from __future__ import annotations

from ..declare import Check
from . import _model

CHECK = Check(
    tier="full",
    rule="identical",
    across=("threads",),
    needs=("onnxruntime", "onnx", "numpy"),
    requires={"threads": 2},
)


def measure(settings):
    """Digests of the model's outputs and of operators at sizes that are split over threads."""
    import numpy

    draws = numpy.random.RandomState(9)
    left, right = (draws.standard_normal(shape).astype("float32") for shape in ((257, 1023), (1023, 129)))
    values = _model.outputs(_model.classifier(), _model.image(), settings)
    products = {"left": left, "right": right}
    table = {"data": draws.standard_normal((1000, 1000)).astype("float32")}
    cases = {"matmul": ("MatMul", {}, products), "sum": ("ReduceSum", {"keepdims": 0}, table)}
    cases["softmax"] = ("Softmax", {"axis": 0}, table)
    for name, (operator, attributes, feeds) in cases.items():
        values[name] = _model.outputs(_model.single(operator, feeds, **attributes), feeds, settings)["result"]
    return dict(values, conditions={"threads": _model.usable_threads(settings)})
