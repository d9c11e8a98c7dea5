"""Tensors to digests that see position, shape, dtype and every raw bit; distances in ULP."""

from __future__ import annotations

import hashlib


def digest(*arrays):
    """
    The sha256 (hex) over arrays: shape, dtype and raw bits of each, in order.

    Takes torch tensors, TensorFlow eager tensors, JAX arrays, NumPy arrays, bytes, text, numbers, and lists, tuples or
    dicts of them. Raw bits: NaN payloads and -0.0 count. Raises TypeError for what it does not know, since a digest of
    an object's `repr` would hold its address and look like a deviation.
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
    """Header (kind, dtype, shape) and raw bytes of one leaf, each as a bytes-like object."""
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
    """The dtype's plain name (`float32`, `bfloat16`) in any of the frameworks."""
    dtype = value.dtype
    return str(getattr(dtype, "name", dtype)).replace("torch.", "")


def as_numpy(value):
    """
    A NumPy array with the same raw bits.

    torch's bfloat16 and other types without a NumPy equal come back as their bytes (uint8, last axis longer).
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
    """NumPy, which each of the three frameworks brings; not needed before a tensor is there."""
    import numpy

    return numpy


def ulp_distance(left, right):
    """
    The largest distance between two float arrays of one shape and dtype in units in the last place (int).

    Bits are mapped to a line on which neighbouring floats are neighbouring integers; -0.0 and 0.0 are 0 apart. Two NaNs
    are 0 apart; one NaN alone is the width of the dtype. bfloat16 counts in its own 16 bits.
    """
    numpy = _numpy()
    first, second = _ordered(left), _ordered(right)
    gap = numpy.where(first > second, first - second, second - first)
    return int(gap.max()) if gap.size else 0


def _ordered(value):
    """uint64 positions on the line of floats; every NaN sits at one far place."""
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
