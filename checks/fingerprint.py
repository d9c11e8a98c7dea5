"""Digests of tensors over shape, dtype and every raw bit in order; distances between floats in ULP."""

from __future__ import annotations

import hashlib


def digest(*arrays):
    """
    The SHA-256 (64 hex digits) over the arguments in order: shape, dtype and raw bits of each.

    Two NaNs of different payloads differ, and so do 0.0 and -0.0.

    Args:
        arrays: torch tensors, TensorFlow eager tensors, JAX or NumPy arrays, bytes, text, numbers, None, and lists,
            tuples or dicts of these.

    Raises:
        TypeError: for any other type. A digest of its `repr` would contain an address, which differs in every run.
    """
    state = hashlib.sha256()
    for array in arrays:
        _feed(state, array)
    return state.hexdigest()


def _feed(state, value):
    if isinstance(value, (list, tuple)):
        state.update(b"[%d:" % len(value))
        for item in value:
            _feed(state, item)
    elif isinstance(value, dict):
        state.update(b"{%d:" % len(value))
        for key in sorted(value, key=str):
            _feed(state, str(key))
            _feed(state, value[key])
    else:
        header, raw = _raw(value)
        state.update(b"<%d:%s:%d:" % (len(header), header, len(raw)))
        state.update(raw)


def _raw(value):
    """(header, raw bytes) of one value that is no container; the header is its kind, or its dtype and shape."""
    if value is None or isinstance(value, (bool, int)):
        return b"int", str(value).encode()
    if isinstance(value, float):
        return b"float", value.hex().encode()
    if isinstance(value, str):
        return b"text", value.encode("utf-8", "surrogatepass")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b"bytes", bytes(value)
    array = as_numpy(value)
    shape = ",".join(str(side) for side in array.shape)
    return ("%s|%s" % (dtype_name(value), shape)).encode(), array.tobytes()


def dtype_name(value):
    """The name of a tensor's dtype as NumPy writes it (`float32`, `bfloat16`), for tensors of every framework."""
    dtype = value.dtype
    return str(getattr(dtype, "name", dtype)).replace("torch.", "")


def as_numpy(value):
    """
    A NumPy array of the same shape with the same raw bits.

    A torch dtype that NumPy lacks (bfloat16) becomes bytes: uint8, with one more axis of the element's size at the end.
    Raises TypeError for what is no tensor of a framework and no array.
    """
    if type(value).__module__.split(".")[0] == "torch" or hasattr(value, "data_ptr"):
        return _torch_as_numpy(value)
    numpy = _numpy()
    if hasattr(value, "numpy") and callable(value.numpy):
        return numpy.asarray(value.numpy())
    if hasattr(value, "dtype") and hasattr(value, "__array__"):
        return numpy.asarray(value)
    raise TypeError("no fingerprint for %s" % type(value).__name__)


def _torch_as_numpy(tensor):
    import torch

    plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    try:
        return plain.numpy()
    except TypeError:
        return plain.reshape(-1).view(torch.uint8).reshape(*plain.shape, -1).numpy()


def _numpy():
    """NumPy, imported when the first tensor is met: each framework depends on it, Python-level checks do not."""
    import numpy

    return numpy


def ulp_distance(left, right):
    """
    The largest elementwise distance of two float arrays of one shape and dtype, in units in the last place (int).

    Floats are mapped to integers so that neighbouring floats are neighbouring integers. -0.0 and 0.0 are 0 apart, and
    so are two NaNs; a NaN is farther from every number than any two numbers are apart. bfloat16 counts in steps of its
    own 16 bits. Empty arrays are 0 apart.

    Raises:
        KeyError: the dtype is not float64, float32, float16 or bfloat16.
    """
    numpy = _numpy()
    first, second = _ordered(left), _ordered(right)
    gap = numpy.where(first > second, first - second, second - first)
    return int(gap.max()) if gap.size else 0


def _ordered(value):
    """Each element as uint64 in the order of the floats, flattened; every NaN becomes 0, below all numbers."""
    numpy = _numpy()
    array = as_numpy(value)
    bits = 16 if "bfloat16" in dtype_name(value) else array.dtype.itemsize * 8
    unsigned = {16: numpy.uint16, 32: numpy.uint32, 64: numpy.uint64}[bits]
    raw = array.view(unsigned).reshape(-1).astype(numpy.uint64)
    sign = numpy.uint64(1 << (bits - 1))
    magnitude = raw & (sign - numpy.uint64(1))
    infinity = {"bfloat16": 0x7F80, "float16": 0x7C00, "float32": 0x7F800000, "float64": 0x7FF0000000000000}
    nan = magnitude > numpy.uint64(infinity[dtype_name(value)])
    place = numpy.where(raw & sign, sign - magnitude, sign + magnitude)
    return numpy.where(nan, numpy.uint64(0), place)
