"""The inputs and attributes of an operator as a key and as a document, and statistics of eager inputs."""

from __future__ import annotations

UNKEPT = frozenset(("container", "shared_name", "seed", "seed2", "_XlaMustCompile", "config_proto", "executor_type"))
"""Attributes that name objects of a process, or seeds."""
SAMPLE = 4096
MOST_TEXT = 200


def key(inputs, attrs):
    """A hashable key."""
    return tuple(_input(one) for one in inputs), tuple(_pairs(attrs))


def document(inputs, attrs):
    """[inputs, attributes] as JSON."""
    return [[_described(one) for one in inputs], dict(_pairs(attrs))]


def _input(tensor):
    shape = tensor.shape
    return tensor.dtype.name, tuple(shape.as_list()) if shape.rank is not None else None


def _described(tensor):
    dtype, shape = _input(tensor)
    if dtype in ("resource", "variant", "string") or shape is None or None in shape:
        return {"tensor": dtype, "shape": list(shape or ()), "opaque": dtype if shape else "unknown shape"}
    return {"tensor": dtype, "shape": list(shape)}


def _pairs(attrs):
    for name, value in zip(attrs[::2], attrs[1::2]) if attrs else ():
        name_ = name.decode() if isinstance(name, bytes) else name
        if name_ not in UNKEPT and value is not None:
            yield name_, _text(value)


def _text(value):
    if isinstance(value, (bool, int, str, float)):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")[:MOST_TEXT]
    if hasattr(value, "as_datatype_enum"):
        return "dtype:" + value.name
    return str(value).strip()[:MOST_TEXT]


def statistics(inputs, before):
    """Statistics of the values of eager inputs, merged with those of an earlier call."""
    found = [_of(one) for one in inputs]
    if not before:
        return found
    return [_merged(old, new) for old, new in zip(before, found)]


def _merged(old, new):
    if old is None or new is None:
        return new or old
    return dict(new, min=min(old["min"], new["min"]), max=max(old["max"], new["max"]))


def _of(tensor):
    import numpy

    if tensor.dtype.name in ("resource", "variant", "string") or not hasattr(tensor, "_numpy_internal"):
        return None
    try:
        values = numpy.asarray(tensor._numpy_internal()).reshape(-1)
    except Exception:  # a tensor without values that NumPy can hold
        return None
    if not values.size:
        return None
    values = values[:: max(1, -(-values.size // SAMPLE))]
    integers = values.dtype.kind in "iub"
    values = values.astype(numpy.int64 if integers else numpy.complex128 if values.dtype.kind == "c" else numpy.float64)
    if values.dtype.kind == "c":
        values = numpy.concatenate([values.real, values.imag])
    return of_array(numpy, values, integers)


def of_array(numpy, values, integers):
    """Statistics of a sample: int64 or float64."""
    finite = numpy.isfinite(values)
    good = values[finite]
    count = values.size
    found = {
        "min": (int if integers else float)(good.min()) if good.size else 0,
        "max": (int if integers else float)(good.max()) if good.size else 0,
        "zeros": float((values == 0).mean()),
        "negative": float((values < 0).mean()),
        "nonfinite": float(1 - finite.mean()),
    }
    if integers:
        _, counts = numpy.unique(values, return_counts=True)
        ordered = bool((values[1:] >= values[:-1]).all())
        found.update(sampled=count, distinct=int(counts.size), top=float(counts.max() / count), sorted=ordered)
    elif good.size:
        found.update(mean=float(good.mean()), spread=float(good.std()))
    return found
