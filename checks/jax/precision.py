"""
Products of float32 and bfloat16 are as precise as their dtypes allow.

Why: on GPUs and TPUs JAX by default multiplies float32 in TF32 or bfloat16, with about a thousandth of the precision;
on a CPU the same program does not (pytorch#67384, pytorch#61890, transformers#16588). The check compares matrix
products, convolutions and attention, under the precision that is set, with float64. The reading's conditions record the
error of each precision on this device.

Remedy: set `JAX_DEFAULT_MATMUL_PRECISION=highest`, or pass `precision="highest"` to the products that need it.
"""

from __future__ import annotations

import functools

from ..agreement import agreement
from ..declare import Check
from ..lacking import Lacking
from . import _layers, _state

CHECK = Check(
    tier="full",
    rule="within",
    compiles=True,
    documented={"*": "https://docs.jax.dev/en/latest/jax.lax.html#jax.lax.Precision"},
    remedy_env={"JAX_DEFAULT_MATMUL_PRECISION": "highest"},
)
PRECISIONS = ("default", "high", "highest", "bfloat16", "tensorfloat32", "float32")
LAYERS = ("matmul", "convolution", "attention")
ROWS = 32
LONG = 2048
"""Terms of a long product."""


def measure(settings):
    """Agreement with float64 under the precision that is set; the conditions hold each precision's largest error."""
    import numpy

    reading, costs, lacking = {}, {}, Lacking()
    given, rows = _layers.weights(), _layers.inputs(ROWS)
    for name in LAYERS:
        kind, layer = _layers.layers()[name]
        with lacking.case(name):
            truth = _layers.exact(layer, rows[kind], given)
            best = numpy.asarray(truth, "float32")
            reading["%s float32" % name] = agreement(best, _compiled(layer, rows[kind], given), truth, _layers.WIDTH)
            costs[name] = {precision: _cost(layer, rows[kind], given, truth, precision) for precision in PRECISIONS}
    reading["long matmul float32"] = _long()
    reading["matmul bfloat16"] = _bfloat16(rows["flat"], given["square"])
    return dict(reading, conditions=dict(lacking.conditions, **{"relative error": costs}))


def _compiled(layer, *arguments):
    """A new program each time, so that none compiled under another precision is reused."""
    import jax

    return jax.jit(functools.partial(layer))(*arguments)


def _cost(layer, rows, given, reference, precision):
    """The largest error against float64 relative to the largest value, or `refused` by the device."""
    import numpy

    with _state.switched("jax_default_matmul_precision", precision):
        try:
            result = numpy.asarray(_compiled(layer, rows, given), "float64")
        except Exception as problem:
            return "refused: %s" % type(problem).__name__
    return float(numpy.abs(result - reference).max() / numpy.abs(reference).max())


def _long():
    """A product with many terms: devices and libraries choose another kernel, and another precision, for long ones."""
    import numpy

    draws = numpy.random.RandomState(1024)
    left, right = (draws.standard_normal(shape).astype("float32") for shape in ((4, LONG), (LONG, 4)))
    truth = left.astype("float64") @ right.astype("float64")
    return agreement(truth.astype("float32"), _compiled(lambda one, other: one @ other, left, right), truth, LONG)


def _bfloat16(rows, square):
    """A product of bfloat16 values: errors grow with the length unless sums are kept in float32 and rounded once."""
    import jax

    left, right = (jax.numpy.asarray(side, "bfloat16") for side in (rows, square))
    wide = [jax.numpy.asarray(side, "float32") for side in (left, right)]
    reference = _layers.exact(lambda first, second: first @ second, *wide)
    best = jax.numpy.asarray(reference, "float32").astype("bfloat16")
    return agreement(best, _compiled(lambda first, second: first @ second, left, right), reference, 1)
