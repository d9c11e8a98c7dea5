"""
Basic operators over dtype, layout, size, values and mode: the cells, their inputs, and NumPy's results.

An operator works along the last axis. A cell's result may be that of NumPy in float64 or in the cell's own dtype, with
or without denormal inputs and results set to zero: frameworks promise neither the order of sums, nor where a step
overflows (a mean may in its sum), nor that denormals are kept (PyTorch: `torch.set_flush_denormal`; XLA and TensorFlow
set them to zero).
"""

from __future__ import annotations

from . import _matrix_numpy, covering, sampled
from .agreement import MACHINE_EPSILON, RANDOM_WALK, agreement

SEED = 20261128
"""Of the covering array and of the inputs."""
SHAPES = (
    (1, 1),
    (7, 5),
    (2, 1023),
    (3, 1024),
    (1, 1025),
    (64, 2048),
    (2048, 7),
    (1, 16383),
    (16385, 3),
    (1, 32769),
    (32768, 2),
    (65537, 1),
    (1, 131073),
    (1048577, 1),
)
"""Rows and columns: at and beside 2^10, 2^14 to 2^17 and 2^20 elements along either axis."""
LAYOUTS = ("contiguous", "transposed", "strided", "broadcast", "zero-size", "scalar")
VALUES = ("ordinary", "nan", "infinite", "denormal", "huge", "equal")
DTYPES = ("float32", "float64", "float16", "bfloat16", "int32")
PLAIN = ("forward", "gradient", "vmapped")
"""Modes that neither compile nor change what later calls do."""
QUICK = 12
"""Cells of the quick tier: a second or less, in a process that measures other checks as well."""
SMALLEST = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14, "bfloat16": 2.0**-126}
"""Smallest normal number of the dtype."""
LARGEST = {"float64": 1.5e308, "float32": 3e38, "float16": 6e4, "bfloat16": 3e38}
EQUAL = {"float64": 7.5e10, "float32": 7.5e10, "float16": 750.0, "bfloat16": 7.5e10, "int32": 7.0}
"""
The value of inputs that are all equal.

Their variance is 0, or the square of what rounding does to their mean. In float32 that is 1e9 for 1,023 values of
7.5e10 in TensorFlow's eager code, and 7e7 for three of them under XLA, which tensorflow#118179 calls wrong.
"""
WHOLE = ("add", "multiply", "negative", "absolute", "maximum", "sum", "amax", "amin", "cumsum", "sort", "gather")
"""Operators that integers have."""
ORDERED = ("sort", "topk")
NARROW = ("float16", "bfloat16")
"""Dtypes that are computed in float32 and rounded at the end; a bound that grew with the length would allow all."""
ELEMENTWISE = ("add", "multiply", "negative", "absolute", "maximum", "exp", "tanh", "sqrt", "sigmoid")


def axes(modes, dtypes=DTYPES):
    """Axis to its values; the modes are those of a framework."""
    operators = tuple(_matrix_numpy.OPERATORS)
    return {"operator": operators, "shape": SHAPES, "dtype": dtypes, "layout": LAYOUTS, "values": VALUES, "mode": modes}


def allowed(row):
    """Whether a cell is defined: what integers lack, where gradients are defined, and what has one size only."""
    operator, dtype, mode = row.get("operator"), row.get("dtype"), row.get("mode")
    values, layout = row.get("values", "ordinary"), row.get("layout")
    if dtype == "int32" and (mode == "gradient" or values not in ("ordinary", "equal")):
        return False
    if dtype == "int32" and operator is not None and operator not in WHOLE:
        return False
    if mode == "gradient" and (values != "ordinary" or operator not in (None, *_matrix_numpy.SLOPES)):
        return False
    if layout in ("zero-size", "scalar") and row.get("shape", SHAPES[0]) != SHAPES[0]:
        return False
    if layout == "scalar" and (mode == "vmapped" or operator not in (None, *ELEMENTWISE)):
        return False
    return not (layout == "zero-size" and operator in ("amax", "amin", "logsumexp", "variance", "mean", "topk"))


def cells(modes, dtypes=DTYPES):
    """
    The cells of the covering array, as dicts from axis to value.

    They cover every pair of values, and every triple of operator, dtype and mode: half precision and compilers have
    code of their own.
    """
    pairs = [cell for cell in covering.covering(axes(modes, dtypes), SEED, allowed) if not _undetermined(cell)]
    seen = {_triple(cell) for cell in pairs}
    plain = {"shape": SHAPES[1], "layout": "contiguous", "values": "ordinary"}
    rest = [
        {"operator": operator, **plain, "dtype": dtype, "mode": mode}
        for operator in _matrix_numpy.OPERATORS
        for dtype in dtypes
        for mode in modes
        if (operator, dtype, mode) not in seen
    ]
    return pairs + [cell for cell in rest if allowed(cell)]


def _undetermined(cell):
    """Products that overflow float64 with both signs: infinity or NaN, by the order of the sum."""
    return cell["operator"] == "matmul" and cell["dtype"] == "float64" and cell["values"] == "huge"


def _triple(cell):
    return cell["operator"], cell["dtype"], cell["mode"]


def asked(cells, settings, first=()):
    """
    The cells that the settings ask for: those in `names`, a part in a tier, or all.

    A part holds the cells named in `first`; in the quick tier, of the others the first that neither compile nor switch;
    in the full tier, of the others a sample (`sampled.py`).
    """
    names = settings.get("names")
    if names:
        return [cell for cell in cells if name(cell) in names]
    part = settings.get("part")
    if part != "quick":
        return [cell for cell in cells if name(cell) in first or sampled.taken(name(cell), part)]
    rest = [cell for cell in cells if cell["mode"] in PLAIN and name(cell) not in first]
    return [cell for cell in cells if name(cell) in first] + rest[:QUICK]


def conditions(chosen, modes, dtypes=DTYPES):
    """How many cells were measured of how many, and the seed."""
    return {"cells": len(chosen), "of": covering.size(axes(modes, dtypes), allowed), "seed": SEED}


def name(cell):
    """The name of a cell in a reading, for example `softmax 64x2048 float32 strided nan compiled`."""
    rows, columns = cell["shape"]
    return "%s %dx%d %s" % (
        cell["operator"],
        rows,
        columns,
        " ".join(cell[axis] for axis in ("dtype", "layout", "values", "mode")),
    )


def inputs(cell):
    """The logical input of a cell: a float64 array whose values the dtype holds exactly (int32: an int32 array)."""
    import numpy

    draws = numpy.random.RandomState(SEED)
    shape = {"zero-size": (0, 5), "scalar": ()}.get(cell["layout"], cell["shape"])
    if cell["layout"] == "broadcast":
        return numpy.broadcast_to(_drawn(numpy, draws, cell, (1, *shape[1:])), shape)
    return _drawn(numpy, draws, cell, shape)


def _drawn(numpy, draws, cell, shape):
    dtype, values = cell["dtype"], cell["values"]
    if values == "equal":
        array = numpy.full(shape, EQUAL[dtype])
    elif dtype == "int32":
        array = draws.randint(-50, 50, shape)
    elif values == "huge":
        array = LARGEST[dtype] * (1 - 0.5 * draws.random_sample(shape))
    elif values == "denormal":
        array = SMALLEST[dtype] * draws.random_sample(shape) * 0.5
    else:
        array = draws.standard_normal(shape)
    array = numpy.asarray(array)
    special = {"nan": (numpy.nan,), "infinite": (numpy.inf, -numpy.inf)}.get(values, ())
    for place, value in enumerate(special):
        array.reshape(-1)[place :: 5 if array.size > 5 else 2] = value
    return array.astype("int32") if dtype == "int32" else _matrix_numpy.rounded(array, dtype)


def readings(chosen, observe, modes, dtypes=DTYPES):
    """
    The readings of these cells by name, with the conditions: counts, seed, and the calls that this release refused.

    `observe` returns the result of a cell as a NumPy array (float64 or int32), or a text: why the release refuses it.
    """
    found, refused = {}, {}
    for cell in chosen:
        observed = observe(cell)
        if isinstance(observed, str):
            refused[name(cell)] = observed
        else:
            found[name(cell)] = reading(cell, observed)
    counts = dict(conditions(chosen, modes, dtypes), cells=len(found), refused=refused)
    return dict(found, conditions=counts)


def reading(cell, observed):
    """The reading of a cell for the rule `within`; `observed` is a NumPy array."""
    import numpy

    if cell["dtype"] == "int32":
        exact = _matrix_numpy.result(cell, inputs(cell).astype("int64")).astype("int32")
        return {"bits_equal": bool(numpy.array_equal(exact, observed)), "elements": int(exact.size)}
    with numpy.errstate(all="ignore"):
        exact, plain = _nearest(numpy, cell, observed)
    narrow = cell["dtype"] in NARROW
    terms = 2 if narrow else 8
    if cell["operator"] not in ELEMENTWISE:
        terms = 16 if narrow else max(16, 4 * cell["shape"][1])
    found = agreement(plain, observed, exact, terms)
    return dict(found, eps=MACHINE_EPSILON[cell["dtype"]], dtype=cell["dtype"], lost=0)


def _nearest(numpy, cell, observed):
    """(float64 result, result in the cell's dtype), each element the permitted one that is nearest to the observed."""
    given = inputs(cell)
    small = SMALLEST[cell["dtype"]]
    candidates = []
    denormal = cell["values"] == "denormal"
    for array in (given, numpy.zeros_like(given)) if denormal else (given,):
        exact = _matrix_numpy.result(cell, array)
        for one in (exact, _matrix_numpy.rounded(exact, cell["dtype"]), _matrix_numpy.result_in_dtype(cell, array)):
            candidates += [one, numpy.where(numpy.abs(one) < small, 0, one)] if denormal else [one]
    if cell["dtype"] == "float16":  # each step rounded: a sum of many ones is infinite
        candidates.append(_matrix_numpy.result(cell, given.astype("float16")).astype("float64"))
    best = candidates[0]
    if best.shape != observed.shape:
        return best, best
    if cell["operator"] == "variance":
        candidates.append(numpy.where(_of_a_rounded_mean(numpy, given, observed - best, cell), observed, best))
    if denormal and cell["operator"] in ORDERED:  # with denormals as zero they are all equal, in any order
        candidates.append(numpy.where(numpy.abs(observed) < small, observed, best))
    for other in candidates[1:]:
        best = numpy.where(_distance(numpy, other, observed) < _distance(numpy, best, observed), other, best)
    return best, best


def _of_a_rounded_mean(numpy, given, gap, cell):
    """Where a variance is off by no more than the square of the error of a mean: values that are all equal have it."""
    error = RANDOM_WALK * MACHINE_EPSILON[cell["dtype"]] * max(1, cell["shape"][1]) ** 0.5
    return abs(gap) <= (error * numpy.abs(given).max(-1, initial=0)) ** 2


def _distance(numpy, one, other):
    """Absolute difference; 0 for equal infinities and two NaNs, infinity for other pairs that are not finite."""
    same = (one == other) | (numpy.isnan(one) & numpy.isnan(other))
    gap = numpy.abs(one - other)
    return numpy.where(same, 0.0, numpy.where(numpy.isfinite(gap), gap, numpy.inf))
