"""The agreement of one sample of an operator: eager, in `tf.function`, under XLA and row by row, with float64."""

from __future__ import annotations

from .. import agreement, fingerprint
from . import _raw
from ._raw_ways import ELEMENTWISE, HALF, ROWS

ROUNDINGS = 2
"""Of an elementwise result in half precision, as in the operator matrix."""


def readings(tf, key, case):
    """`readings` of all execution paths of one operator, and in `refused` the paths that this release lacks."""
    operator, dtype = key.split(" ")
    placeholder, generic = case
    sample = _raw.bound(generic, placeholder, dtype)
    made = {name: _raw.argument(tf, name, value) for name, value in sample.items()}
    try:
        eager = _call(tf, operator, made)
    except Exception as problem:  # this release refuses the call: nothing to compare
        return {"readings": {}, "refused": ["eager:%s: %s" % (key, type(problem).__name__)]}
    wide = _wide(tf, placeholder, generic, dtype)
    exact = _tried(lambda: _call(tf, operator, wide)) or eager
    reduction = max([tensor.shape.num_elements() for tensor in _tensors(made)] + [1])
    plain = eager
    if dtype == HALF and operator in ELEMENTWISE:
        # Eager kernels round each step, and four times their error hides much: two roundings of the exact result count.
        plain, reduction = [tf.cast(tensor, dtype) for tensor in exact], ROUNDINGS
    found, refused = {}, []
    for way, just_in_time in (("function", None), ("xla", True)):
        compiled = _compiled(tf, operator, made, just_in_time)
        if compiled is None:
            refused.append("%s:%s" % (way, key))
        else:
            found.update(_compare("%s:%s" % (way, key), plain, compiled, exact, reduction))
    rows = _row_by_row(tf, operator, made)
    if rows is not None:
        exact = _tried(lambda: _row_by_row(tf, operator, wide)) or rows
        found.update(_compare("batch:%s" % key, rows, eager, exact, reduction))
    return {"readings": found, "refused": refused}


def _call(tf, operator, made):
    return _raw.meant(operator, _raw.flat(getattr(tf.raw_ops, operator)(**made)))


def _tensors(made):
    return [
        item
        for value in made.values()
        for item in (value if isinstance(value, list) else [value])
        if hasattr(item, "shape")
    ]


def _wide(tf, placeholder, generic, dtype):
    """The arguments with floats as float64 (rounded to their dtype first); other dtypes unchanged."""
    double = {"float32": "float64", "bfloat16": "float64", "complex64": "complex128"}.get(dtype, dtype)
    plain, wide = _raw.bound(generic, placeholder, dtype), _raw.bound(generic, placeholder, double)
    return {name: _widened(tf, name, plain[name], wide[name]) for name in plain}


def _tried(compute):
    """The result, or None where there is no such kernel."""
    try:
        return compute()
    except Exception:  # a kernel without float64 raises one of several errors
        return None


def _widened(tf, name, plain, wide):
    """An argument in float64 with its float32 values."""
    if plain == wide:
        return _raw.argument(tf, name, plain)
    if isinstance(plain, list):
        return [_widened(tf, "%s%d" % (name, place), *pair) for place, pair in enumerate(zip(plain, wide))]
    if not _raw.is_tensor(plain):
        return wide
    return tf.cast(_raw.argument(tf, name, plain), _raw.parsed(wide)[0])


def _compiled(tf, operator, made, just_in_time):
    """
    The outputs of a compiled call, or None where it cannot be compiled.

    Every tensor is an argument, so that the compiler cannot fold constants. Where it must know sizes or axes, only
    float tensors are.
    """
    for choose in (_any, _of_floats):
        try:
            body = _body(tf, operator, made, choose)
            given = [tensor for tensor in _tensors(made) if choose(tensor)]
            return list(tf.function(body, jit_compile=just_in_time, autograph=False)(*given))
        except Exception:  # noqa: S112 - this way cannot be compiled; the next may, and what is left over is told
            continue
    return None


def _any(_tensor):
    return True


def _of_floats(tensor):
    return tensor.dtype.is_floating or tensor.dtype.is_complex


def _body(tf, operator, made, choose):
    """The call as a function of the chosen tensors; the others are constants in it."""

    def body(*arguments):
        left = iter(arguments)
        return _call(tf, operator, _map(made, lambda it: next(left) if choose(it) else tf.constant(it.numpy())))

    return body


def _map(made, change):
    """The arguments with every tensor changed, in the order of `_tensors`."""
    changed = {}
    for name, value in made.items():
        if isinstance(value, list):
            changed[name] = [change(item) if hasattr(item, "shape") else item for item in value]
        else:
            changed[name] = change(value) if hasattr(value, "shape") else value
    return changed


def _row_by_row(tf, operator, made):
    """The outputs of one call for each row, concatenated; None for an operator without rows."""
    given = [made[name].shape for name in ROWS.get(operator, ())]
    if not given or len({shape.rank for shape in given}) > 1 or not given[0].rank:  # other ranks are broadcast
        return None
    count = given[0][0]
    if count < 2 or any(shape[0] != count for shape in given):
        return None
    names = ROWS[operator]
    rows = [
        _call(tf, operator, dict(made, **{name: made[name][row : row + 1] for name in names})) for row in range(count)
    ]
    if any(tensor.shape.rank == 0 or tensor.shape[0] != 1 for row in rows for tensor in row):
        return None
    return [tf.concat(parts, axis=0) for parts in zip(*rows)]


def _compare(name, eager, compiled, exact, reduction):
    """One entry if all outputs have equal bits, else one for each output that differs."""
    if _raw.digest(eager) == _raw.digest(compiled):
        return {name: {"bits_equal": True}}
    differing = {}
    for place, outputs in enumerate(zip(eager, compiled, exact)):
        if _raw.digest(outputs[:1]) != _raw.digest(outputs[1:2]):
            label = "%s #%d" % (name, place) if len(eager) > 1 else name
            differing[label] = _agreement(*[_real(tensor) for tensor in outputs], reduction)
    return differing


def _real(tensor):
    """A complex tensor as its real and imaginary parts."""
    import tensorflow as tf

    return tf.stack([tf.math.real(tensor), tf.math.imag(tensor)]) if tensor.dtype.is_complex else tensor


def _agreement(eager, compiled, exact, reduction):
    """
    The reading of one output.

    Integers and booleans have no rounding, so any difference is beyond it; quantised values may be one step apart.
    """
    import numpy

    same = eager.dtype == compiled.dtype and eager.shape == compiled.shape
    if eager.dtype.is_floating and same:
        return agreement.agreement(*_without_shared_nan(eager, compiled, exact), reduction)
    quantised = eager.dtype.name in _raw.QUANTISED
    apart = 1.0
    if same:
        arrays = [fingerprint.as_numpy(tensor) for tensor in (eager, compiled)]
        plain = [array.view("i%d" % array.itemsize) if quantised else array for array in arrays]
        apart = float(numpy.abs(plain[0].astype("float64") - plain[1].astype("float64")).max())
    return {
        "dtype": eager.dtype.name,
        "bits_equal": False,
        "same_shape_and_dtype": bool(same),
        "not_finite": 0,
        "eager_error": 0.0,
        "compiled_error": apart,
        "eps": 1.0 if quantised else 0.0,
        "reduction": 1,
        "scale": 1.0,
        "eager": fingerprint.digest(eager),
        "compiled": fingerprint.digest(compiled),
    }


def _without_shared_nan(eager, compiled, exact):
    """The three arrays with 0 where all are NaN or infinite: no distance is defined there."""
    import tensorflow as tf

    finite = [tf.math.is_finite(tensor) for tensor in (eager, compiled, exact)]
    shared = tf.logical_not(tf.logical_or(tf.logical_or(finite[0], finite[1]), finite[2]))
    return [tf.where(shared, tf.zeros_like(tensor), tensor) for tensor in (eager, compiled, exact)]
