"""How far a compiled result is from the eager one, each against a float64 reference: numbers only, no verdict."""

from __future__ import annotations

from .fingerprint import as_numpy, digest, dtype_name, ulp_distance

MACHINE_EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def agreement(eager, compiled, reference, reduction):
    """
    The reading of one tensor for the rule `within`.

    Args:
        eager, compiled: the two results, of one floating dtype.
        reference: the same computed in float64, of the same shape.
        reduction: length of the longest sum behind one element (elements); rounding may grow with it.

    Returns:
        bits_equal, max_ulp, the largest absolute errors of both against the reference, the reference's scale (largest
        absolute value), eps of the dtype, how many elements only the compiled side has as NaN or infinity, digests.
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
    """A float64 NumPy array of the values; torch's bfloat16 has no NumPy equal and goes through torch."""
    if dtype_name(value) == "bfloat16" and hasattr(value, "data_ptr"):
        return value.detach().cpu().double().numpy()
    return as_numpy(value).astype("float64")


def _largest(numpy, difference):
    """The largest finite absolute value; what is not finite is counted apart."""
    finite = numpy.abs(difference[numpy.isfinite(difference)])
    return float(finite.max()) if finite.size else 0.0
