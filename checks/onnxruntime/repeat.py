"""
ONNX Runtime gives the same bits for the same input, in one session, in a new one and in a fresh process.

Why: the maintainers do not guarantee that results repeat (onnxruntime#9704, onnxruntime#4611), and users saw other
results from call to call on one session (onnxruntime#5600, onnxruntime#230). The check builds a small image model in
memory and makes two calls on each of two sessions, in two processes and in one with a different string hash seed and
memory fill.

Remedy: set `SessionOptions.use_deterministic_compute = True` and `intra_op_num_threads = 1`, and name the execution
provider. The finding tells which output differs.
"""

from __future__ import annotations

from ..declare import Check
from . import _model

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("onnxruntime", "onnx", "numpy"),
    explains=("one-thread",),
)


def measure(settings):
    """Digests of each output over two calls; the thread count is recorded."""
    values = _model.outputs(_model.classifier(), _model.image(), settings, calls=2)
    return dict(values, conditions={"threads": _model.usable_threads(settings)})
