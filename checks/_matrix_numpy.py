"""NumPy's results of the operators of `checks/matrix.py`, in float64 and in a narrower dtype."""

from __future__ import annotations


def _numpy():
    import numpy

    return numpy


def _softmax(x):
    shifted = _numpy().exp(x - x.max(-1, keepdims=True)) if x.size else x
    return shifted / shifted.sum(-1, keepdims=True)


def _logsumexp(x):
    numpy = _numpy()
    largest = x.max(-1, keepdims=True)
    largest = numpy.where(numpy.isfinite(largest), largest, 0)
    return numpy.log(numpy.exp(x - largest).sum(-1)) + largest[..., 0]


def weights(columns):
    """The right side of `matmul`: (columns, 4), of halves, which every dtype holds exactly."""
    numpy = _numpy()
    return (numpy.arange(columns * 4).reshape(columns, 4) % 5 - 2) * 0.5


OPERATORS = {
    "add": lambda x: x + x,
    "multiply": lambda x: x * x,
    "negative": lambda x: -x,
    "absolute": lambda x: _numpy().abs(x),
    "maximum": lambda x: _numpy().maximum(x, 0),
    "exp": lambda x: _numpy().exp(x),
    "tanh": lambda x: _numpy().tanh(x),
    "sqrt": lambda x: _numpy().sqrt(_numpy().abs(x)),
    "sigmoid": lambda x: 1 / (1 + _numpy().exp(-x)),
    "sum": lambda x: x.sum(-1),
    "mean": lambda x: x.sum(-1) / max(1, x.shape[-1]),
    "amax": lambda x: x.max(-1),
    "amin": lambda x: x.min(-1),
    "variance": lambda x: x.var(-1),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "cumsum": lambda x: x.cumsum(-1),
    "sort": lambda x: _numpy().sort(x, -1),
    "topk": lambda x: _numpy().sort(x, -1)[..., ::-1][..., : min(3, x.shape[-1])],
    "gather": lambda x: x[..., ::-1],
    "matmul": lambda x: x @ weights(x.shape[-1]).astype(x.dtype),
}
"""Operator to its result, in the precision of its input."""
SLOPES = {
    "multiply": lambda x: 2 * x,
    "exp": lambda x: _numpy().exp(x),
    "tanh": lambda x: 1 - _numpy().tanh(x) ** 2,
    "maximum": lambda x: (x > 0) * 1.0,
    "sum": lambda x: _numpy().ones_like(x),
    "mean": lambda x: _numpy().ones_like(x) / max(1, x.shape[-1]),
    "cumsum": lambda x: _numpy().zeros_like(x) + _numpy().arange(x.shape[-1], 0, -1),
    "logsumexp": _softmax,
    "gather": lambda x: _numpy().ones_like(x),
    "matmul": lambda x: _numpy().zeros_like(x) + weights(x.shape[-1]).sum(1),
}
"""Operator to the gradient of the sum of its result."""


def result(cell, array):
    """The result of a cell, or its gradient, in the precision of the array."""
    table = SLOPES if cell["mode"] == "gradient" else OPERATORS
    return _numpy().asarray(table[cell["operator"]](array))


def result_in_dtype(cell, array):
    """The result with each step in float32 where the dtype is narrower than float64, rounded to the dtype."""
    if cell["dtype"] == "float64":
        return result(cell, array)
    return rounded(result(cell, array.astype("float32")).astype("float64"), cell["dtype"])


def rounded(array, dtype):
    """The float64 values rounded to the dtype."""
    numpy = _numpy()
    with numpy.errstate(all="ignore"):
        if dtype != "bfloat16":
            return array.astype(dtype).astype("float64")
        narrow = numpy.asarray(array, "float32")
        bits = narrow.view("uint32") if narrow.ndim else numpy.atleast_1d(narrow).view("uint32")
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & numpy.uint32(0xFFFF0000)
        even = bits.astype("uint32").view("float32").reshape(narrow.shape)
        return numpy.where(numpy.isnan(narrow), narrow, even).astype("float64")
