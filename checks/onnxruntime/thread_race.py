"""
ONNX Runtime's operators give the same bits from call to call while several threads work on them.

Why: `ScatterND` with `reduction="add"` lets several threads add to one place without an order or a lock. On 2
processors ONNX Runtime 1.32 gave other results in up to 8 of 10 calls and lost some of the updates, so the sums are
wrong and not only rounded (onnxruntime#23396, onnxruntime#18048). ONNX allows equal indices there. Sums of ones
separate the two faults: no order of addition changes them.

Remedy: run the model with `SessionOptions.intra_op_num_threads = 1`, which cured it here. Or export with
`ScatterElements`, which does not race. `use_deterministic_compute` did not cure it. Distrust results that such a model
gave with several threads.
"""

from __future__ import annotations

from ..declare import Check
from . import _model

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat",),
    needs=("onnxruntime", "onnx", "numpy"),
    quiet=True,
    repeats=20,
    explains=("one-thread",),
    requires={"threads": 2},
)
VALUES, PLACES = 1_000_000, 100


def measure(settings):
    """A digest of each operator's result on equal inputs, and how many threads could race for it."""
    values = {}
    for name, (operator, attributes, feeds) in _cases().items():
        if name in settings.get("names", (name,)):
            values[name] = _model.outputs(_model.single(operator, feeds, **attributes), feeds, settings)["result"]
    return dict(values, conditions={"threads": _model.usable_threads(settings)})


def _cases():
    """Name to operator, attributes and inputs: many values for few places, so that threads meet."""
    import numpy

    draws = numpy.random.RandomState(10)
    places = draws.randint(0, PLACES, VALUES).astype("int64")
    updates, ones = draws.standard_normal(VALUES).astype("float32"), numpy.ones(VALUES, "float32")
    data = numpy.zeros(PLACES, "float32")
    adding = {"reduction": "add"}
    return {
        "ScatterND add": ("ScatterND", adding, {"data": data, "indices": places[:, None], "updates": updates}),
        "ScatterND add of ones": ("ScatterND", adding, {"data": data, "indices": places[:, None], "updates": ones}),
        "ScatterElements add": ("ScatterElements", adding, {"data": data, "indices": places, "updates": updates}),
        "ReduceSum": ("ReduceSum", {}, {"data": updates}),
        "CumSum": ("CumSum", {}, {"data": updates, "axis": numpy.asarray(0)}),
    }
