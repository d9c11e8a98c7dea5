"""
Digests of values over type, dtype, shape and every raw bit in order; distances between floats in ULP.

What counts, and what does not:

- A dense array counts by dtype, shape and bits: 0.0 and -0.0 differ, and so do NaNs of different payloads. Strides,
  byte order, device and sharding do not count. Neither do bytes that are never written: padding in records and in long
  doubles.
- An array that holds pointers (objects, strings) counts by its elements.
- A sparse or ragged tensor counts by its parts as they are stored. A COO tensor and its coalesced form differ if their
  entries do; flags such as "coalesced" or "sorted" do not count.
- A masked array counts by its mask and what the mask leaves visible; the hidden data and the fill value do not count.
- A quantised tensor counts by its integers, scales, zero points and axis; a typed key of JAX by its implementation and
  its data; a distributed value of TensorFlow by each replica in order; a JAX array by the whole, however it is sharded.
- Lists and tuples differ, and so do 1, 1.0, "1" and True. The order of a dict does not count; the types of its keys do.
- A namedtuple or dataclass counts by the name of its class, the names of its fields and their values; the module of its
  class does not count. Other subclasses count as their base: a `torch.Size` or a `torch.return_types.sort` as a tuple,
  an `OrderedDict` as a dict, an `IntEnum` as an int.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import struct

from ._composite import parts_of
from ._dense import as_numpy, chunks, dense, dtype_name

MOST_DECIMAL_BITS = 2048
"""Larger integers are written in hexadecimal: Python can be set to refuse more than 640 decimal digits."""
USUAL_NAN = struct.pack(">Q", 0x7FF8000000000000)
"""The bits of `float("nan")`."""
CASTABLE = frozenset("cbBhHiIlLqQnNfd?P")
"""Formats of a memoryview whose bytes can be read without a copy."""


def digest(*values):
    """
    The SHA-256 (64 hex digits) over the arguments in order: type, dtype, shape and raw bits of each.

    Args:
        values: tensors of torch, TensorFlow and JAX (dense, sparse, ragged, nested, quantised, masked, distributed,
            typed keys), NumPy arrays, bytes, text, numbers, None, and lists, tuples, dicts, namedtuples or dataclasses
            of these. The module's docstring says what counts of each.

    Raises:
        TypeError: for any other type. A digest of its `repr` would contain an address, which differs in every run.
    """
    state = hashlib.sha256()
    for value in values:
        _feed(state, value)
    return state.hexdigest()


def _feed(state, value):
    if isinstance(value, dict):
        _feed_dict(state, value)
    elif isinstance(value, (list, tuple)):
        _feed_sequence(state, value)
    elif _is_atom(value):
        header, raw = _atom(value)
        _feed_leaf(state, header, len(raw), (raw,))
    else:
        _feed_tensor(state, value)


def _feed_dict(state, value):
    state.update(b"{%d:" % len(value))
    for key in sorted(value, key=_order_of_key):
        _feed(state, key)
        _feed(state, value[key])


def _order_of_key(key):
    """Text first, in its own order; keys of other types need not be comparable."""
    return (0, key) if isinstance(key, str) else (1, digest(key))


def _feed_sequence(state, value):
    fields = getattr(value.__class__, "_fields", None)  # `type` would see TensorFlow's wrapper of a tuple
    if isinstance(value, tuple) and fields is not None:
        _feed_parts(state, "namedtuple", [value.__class__.__name__, list(fields), list(value)])
        return
    state.update((b"[%d:" if isinstance(value, list) else b"(%d:") % len(value))
    for item in value:
        _feed(state, item)


def _feed_tensor(state, value):
    composite = parts_of(value)
    if composite is not None:
        _feed_parts(state, *composite)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        _feed_parts(state, "dataclass", [type(value).__name__, names, [getattr(value, name) for name in names]])
    else:
        header, array = dense(value)
        if array.dtype.hasobject:  # an array of another library (pandas) that NumPy reads as pointers
            _feed_parts(state, header, [array])
        else:
            _feed_leaf(state, header.encode(), array.nbytes, chunks(array))


def _feed_parts(state, label, parts):
    state.update(b"|%d:%s:%d:" % (len(label.encode()), label.encode(), len(parts)))
    for part in parts:
        _feed(state, part)


def _feed_leaf(state, header, size, pieces):
    state.update(b"<%d:%s:%d:" % (len(header), header, size))
    for piece in pieces:
        state.update(piece)


def _is_atom(value):
    """Whether it is a Python value that is no container. A complex scalar of NumPy is a Python one and an array."""
    if isinstance(value, complex):
        return not hasattr(value, "dtype")
    return value is None or isinstance(value, (int, float, str, bytes, bytearray, memoryview))


def _atom(value):
    """(header, raw bytes) of a Python value that is no container."""
    if value is None or isinstance(value, bool):
        return b"int", str(value).encode()
    if isinstance(value, int):
        return b"int", (hex(value) if value.bit_length() > MOST_DECIMAL_BITS else int.__repr__(value)).encode()
    if isinstance(value, float):
        return b"float", _float_text(value)
    if isinstance(value, complex):
        return b"complex", b"%s,%s" % (_float_text(value.real), _float_text(value.imag))
    if isinstance(value, str):
        return b"text", value.encode("utf-8", "surrogatepass")
    return b"bytes", _buffer(value)


def _float_text(value):
    """The exact value in hexadecimal; a NaN that is not the usual one with its bits."""
    bits = struct.pack(">d", value)
    if math.isnan(value) and bits != USUAL_NAN:
        return b"nan:" + bits.hex().encode()
    return value.hex().encode()


def _buffer(value):
    """The bytes of a buffer, without a copy where a memoryview can be read as it is."""
    view = memoryview(value)
    return view.cast("B") if view.c_contiguous and view.nbytes and view.format in CASTABLE else bytes(value)


def ulp_distance(left, right):
    """
    The largest elementwise distance of two float arrays of one shape and dtype, in units in the last place (int).

    Floats are mapped to integers so that neighbouring floats are neighbouring integers. -0.0 and 0.0 are 0 apart, and
    so are two NaNs; a NaN is farther from every number than any two numbers are apart. bfloat16 counts in steps of its
    own 16 bits. Empty arrays are 0 apart.

    Raises:
        KeyError: the dtype is not float64, float32, float16 or bfloat16.
    """
    import numpy

    first, second = _ordered(left), _ordered(right)
    gap = numpy.where(first > second, first - second, second - first)
    return int(gap.max()) if gap.size else 0


def _ordered(value):
    """Each element as uint64 in the order of the floats, flattened; every NaN becomes 0, below all numbers."""
    import numpy

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
