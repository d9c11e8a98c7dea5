"""Errors of an eager and a compiled result against one float64 reference. Measures only; the host's rule judges."""

from __future__ import annotations

from .fingerprint import as_numpy, digest, dtype_name, ulp_distance

MACHINE_EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""Distance from 1 to the next larger number of the dtype."""


def agreement(eager, compiled, reference, reduction):
    """
    The reading of one tensor for the rule `within`.

    Args:
        eager, compiled: the two results, tensors of any framework, of one dtype in `MACHINE_EPSILON`.
        reference: the same result computed in float64, of the same shape.
        reduction: number of terms of the longest sum behind one element; the rounding error may grow with it.

    Returns:
        A dict of plain values: `dtype`, `elements` (count), `reduction`, `eps` of the dtype, `scale` (largest finite
        absolute value of the reference), `same_shape_and_dtype`, `bits_equal`, and the digests `eager` and `compiled`.
        With equal shapes and dtypes also `max_ulp` (ULP), `eager_error` and `compiled_error` (largest finite absolute
        error against the reference), and `not_finite` (count of elements that only the eager result has finite).

    Raises:
        KeyError: the dtype of `eager` is not in `MACHINE_EPSILON`.
    """
    import numpy

    exact = as_numpy(reference).astype(numpy.float64)
    plain, other = _float64(eager), _float64(compiled)
    same_shape = tuple(eager.shape) == tuple(compiled.shape) and dtype_name(eager) == dtype_name(compiled)
    reading = {
        "dtype": dtype_name(eager),
        "elements": int(exact.size),
        "reduction": int(reduction),
        "eps": MACHINE_EPSILON[dtype_name(eager)],
        "scale": _largest(numpy, exact),
        "same_shape_and_dtype": bool(same_shape),
        "eager": digest(eager),
        "compiled": digest(compiled),
    }
    reading["bits_equal"] = reading["eager"] == reading["compiled"]
    if same_shape:
        reading["max_ulp"] = ulp_distance(eager, compiled)
        reading["not_finite"] = int((numpy.isfinite(plain) & ~numpy.isfinite(other)).sum())
        reading["eager_error"] = _largest(numpy, plain - exact)
        reading["compiled_error"] = _largest(numpy, other - exact)
    return reading


def _float64(value):
    """The values as a float64 NumPy array. NumPy has no bfloat16, so torch itself converts that dtype."""
    if dtype_name(value) == "bfloat16" and hasattr(value, "data_ptr"):
        return value.detach().cpu().double().numpy()
    return as_numpy(value).astype("float64")


def _largest(numpy, difference):
    """The largest finite absolute value; 0 if there is none. `not_finite` counts the others."""
    finite = numpy.abs(difference[numpy.isfinite(difference)])
    return float(finite.max()) if finite.size else 0.0
