"""Errors of an eager and a compiled result against one float64 reference. Measures only; the host's rule judges."""

from __future__ import annotations

from .fingerprint import as_numpy, digest, dtype_name, ulp_distance

MACHINE_EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""Distance from 1 to the next larger number of the dtype."""
OVERFLOW = {"float32": 2.0**128 - 2.0**103, "float16": 65520.0, "bfloat16": 2.0**128 - 2.0**119}
"""Least absolute value that rounds to infinity in the dtype (IEEE 754, to nearest): largest number and half a step."""
FINITE, PLUS_INFINITY, MINUS_INFINITY, NAN = range(4)
BAND_WIDTH = 4
"""Elements are compared in bands by magnitude, each this many powers of two wide."""
BANDS = 64
"""Number of bands below the largest element; smaller elements are in the last one."""
LOST = 0.25
"""A band is lost if the compiled error is at least this part of the band's own values (root mean square)."""
KEPT = 1.0 / 16
"""... and the eager error at most this part of the compiled error. Rounding affects both sides alike."""
RANDOM_WALK = 4.0
"""Rounding errors of a sum of n terms grow like eps * sqrt(n); this multiple of it is never exceeded by chance."""
MANY = 8
"""Elements of a band whose eager errors are hardly all small by chance."""
FAR_ABOVE = 64.0
"""A single element counts if it is at least this many times the largest eager and the median compiled error."""
HUGE = 1e100
"""Errors beyond this multiple of a band's largest value count as this multiple, whose square is finite."""


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
        With equal shapes and dtypes also `max_ulp` (ULP), what `_differences` returns except `errors`, and `lost`: the
        count of small elements that the eager result has and the compiled result lost.

    Raises:
        KeyError: the dtype of `eager` is not in `MACHINE_EPSILON`.
    """
    import numpy

    exact = as_numpy(reference).astype(numpy.float64)
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
        found = _differences(numpy, _float64(eager), _float64(compiled), exact, dtype_name(eager))
        rounding = RANDOM_WALK * reading["eps"] * max(1, reduction) ** 0.5 * reading["scale"]
        reading.update(found, lost=_lost(numpy, *found.pop("errors"), rounding))
    return reading


def of_equals(one, other, reference, reduction):
    """
    The reading of two results of which neither is trusted more: the one farther from the reference is `compiled`.

    Arguments and reading are those of `agreement`, which allows the second result more where the first is far off.
    """
    found = agreement(one, other, reference, reduction), agreement(other, one, reference, reduction)
    return max(found, key=_error)


def _error(reading):
    worst = reading.get("compiled_not_finite", 0), reading.get("compiled_error", 0.0)
    return tuple(float.fromhex(part) if isinstance(part, str) else float(part) for part in worst)


def _differences(numpy, plain, other, exact, dtype):
    """
    How two results of one dtype differ from each other and from the float64 reference; arrays of one shape.

    Returns:
        `not_finite`: count of elements where one result is NaN, +inf or -inf and the other is not the same.
        `eager_not_finite`, `compiled_not_finite`: count of elements where the result is not finite in the way of the
        reference rounded to the dtype; the reference of an overflow is infinity of its sign.
        `eager_error`, `compiled_error`: largest absolute error of an element that is finite on all three sides.
        `eager_l2`, `compiled_l2`: error relative to the reference, both as Euclidean norms over the same elements.
        `errors`: arrays of the absolute errors and of the reference's absolute values, over the same elements.
    """
    kinds = [_kind(numpy, array) for array in (plain, other, _rounded(numpy, exact, dtype))]
    finite = (kinds[0] == FINITE) & (kinds[1] == FINITE) & numpy.isfinite(exact)
    truth = exact[finite]
    errors = numpy.abs(plain[finite] - truth), numpy.abs(other[finite] - truth)
    return {
        "not_finite": int((kinds[0] != kinds[1]).sum()),
        "eager_not_finite": int((kinds[0] != kinds[2]).sum()),
        "compiled_not_finite": int((kinds[1] != kinds[2]).sum()),
        "eager_error": _largest(numpy, errors[0]),
        "compiled_error": _largest(numpy, errors[1]),
        "eager_l2": _relative_l2(numpy, errors[0], truth),
        "compiled_l2": _relative_l2(numpy, errors[1], truth),
        "errors": (*errors, numpy.abs(truth)),
    }


def _kind(numpy, array):
    """FINITE, PLUS_INFINITY, MINUS_INFINITY or NAN of each element."""
    kind = numpy.full(array.shape, FINITE, dtype=numpy.int8)
    kind[array == numpy.inf] = PLUS_INFINITY
    kind[array == -numpy.inf] = MINUS_INFINITY
    kind[numpy.isnan(array)] = NAN
    return kind


def _rounded(numpy, exact, dtype):
    """The reference, with infinity where its value overflows the dtype."""
    limit = OVERFLOW.get(dtype, numpy.inf)
    return numpy.where(numpy.abs(exact) >= limit, numpy.copysign(numpy.inf, exact), exact)


def _relative_l2(numpy, error, truth):
    """|error| / |truth|, as Euclidean norms; 0 where both are 0, infinity where only the truth is."""
    largest = max(_largest(numpy, error), _largest(numpy, truth))
    if not largest:
        return 0.0
    upper, lower = (float(numpy.linalg.norm((part / largest).reshape(-1))) for part in (error, truth))
    if not lower:
        return float("inf") if upper else 0.0
    return upper / lower


def _lost(numpy, eager_error, compiled_error, magnitude, rounding):
    """
    Count of elements in bands of magnitude that only the compiled result lost: zeroed, swapped, or cut.

    An error that is small beside the tensor's largest element can be as large as its small elements. Rounding spares
    neither side, so a band counts only if the eager result kept it. In a band of few elements that can be chance; a
    single element counts if it is far above the noise of both results. Errors up to `rounding` (absolute) are those of
    sums at the scale of the largest element, in an order or a precision of its own.
    """
    usual = magnitude > 0
    if not usual.any():
        return 0
    values = magnitude[usual]
    band = numpy.minimum(numpy.floor(numpy.log2(values.max() / values) / BAND_WIDTH), BANDS - 1).astype(numpy.int64)
    largest = numpy.zeros(BANDS)
    numpy.maximum.at(largest, band, values)
    count, size, eager, compiled = (
        numpy.bincount(band, numpy.minimum(part / largest[band], HUGE) ** 2, minlength=BANDS)
        for part in (largest[band], values, eager_error[usual], compiled_error[usual])
    )
    above = numpy.sqrt(compiled) * largest >= numpy.sqrt(count) * rounding  # roots, since squares may overflow
    gone = (count >= MANY) & above & (compiled >= LOST**2 * size) & (eager <= KEPT**2 * compiled)
    noise = max(_largest(numpy, eager_error), float(numpy.median(compiled_error[usual])))
    single = (compiled_error >= LOST * magnitude) & (eager_error <= KEPT * compiled_error)
    single &= (magnitude >= FAR_ABOVE * noise) & (compiled_error >= rounding)
    return int(max(count[gone].sum(), single[usual].sum()))


def _float64(value):
    """The values as a float64 NumPy array. NumPy has no bfloat16, so torch itself converts that dtype."""
    if dtype_name(value) == "bfloat16" and hasattr(value, "data_ptr"):
        return value.detach().cpu().double().numpy()
    return as_numpy(value).astype("float64")


def _largest(numpy, difference):
    """The largest finite absolute value; 0 if there is none. `not_finite` counts the others."""
    finite = numpy.abs(difference[numpy.isfinite(difference)])
    return float(finite.max()) if finite.size else 0.0
