"""Dense arrays of every framework as NumPy arrays with the same bits, and their bytes in element order."""

from __future__ import annotations

import sys

CHUNK_BYTES = 1 << 26
"""Most bytes (64 MiB) that are copied at a time. SHA-256 is slower than this copy, so larger chunks gain nothing."""
SAME_SIZE = {1: "uint8", 2: "int16", 4: "int32", 8: "int64"}
"""Bytes per element to a torch dtype that NumPy has, through which the bits of other dtypes are read."""


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
    array, is_foreign = _read(value)
    if not is_foreign:
        return array
    numpy = _numpy()
    flat = numpy.ascontiguousarray(array).view(numpy.uint8)
    return flat.reshape((*array.shape, array.dtype.itemsize))


def dense(value):
    """
    (header, NumPy array) of a dense array: the header is the text of its dtype and shape.

    The array is not copied where its framework allows that. Raises TypeError as `as_numpy` does.
    """
    array, is_foreign = _read(value)
    # Manifests hold digests whose header has the axis of `as_numpy`. Empty arrays had none, and need it not.
    shape = (*array.shape, array.dtype.itemsize) if is_foreign and array.size else array.shape
    return "%s|%s" % (dtype_name(value), ",".join(str(side) for side in shape)), array


def chunks(array):
    """The raw bytes of an array in element order, little-endian, in pieces, so that the whole is never copied."""
    for block in _blocks(array):
        yield _canonical(block).tobytes()


def _read(value):
    """(NumPy array, whether its dtype only has the size of the tensor's, because NumPy lacks that one)."""
    if not _is_tensor(value):
        raise TypeError(refusal(value))
    torch, numpy = sys.modules.get("torch"), _numpy()
    if torch is not None and isinstance(value, torch.Tensor):
        return _torch_as_numpy(torch, value)
    if hasattr(value, "read_value"):  # a variable of TensorFlow, whose `numpy()` copies
        value = value.read_value()
    if type(value).__module__.startswith("tensorflow.") and hasattr(value, "__array__"):
        return numpy.asarray(value), False  # without the copy that `numpy()` makes
    array = numpy.asarray(value.numpy() if callable(getattr(value, "numpy", None)) else value)
    if array.dtype.hasobject and not array.ndim:  # NumPy only holds a pointer to it
        raise TypeError(refusal(value))
    return array, False


def _is_tensor(value):
    """Whether it claims to be a tensor or an array; decided without NumPy, which Python-level checks may lack."""
    if isinstance(value, type) or not hasattr(value, "dtype"):
        return False
    return hasattr(value, "__array__") or callable(getattr(value, "numpy", None))


def refusal(value):
    """The text of the error for a value without defined bytes."""
    return (
        "a value of type %s has no defined bytes, so it has no fingerprint and the check cannot compare it. Pass "
        "tensors, NumPy arrays, bytes, text, numbers, or lists, tuples, dicts, namedtuples or dataclasses of these."
        % type(value).__name__
    )


def _torch_as_numpy(torch, tensor):
    plain = tensor.detach()
    if plain._is_zerotensor():  # zeros without memory, which autograd returns for some gradients
        plain = torch.zeros(plain.shape, dtype=plain.dtype)
    plain = plain.cpu().resolve_conj().resolve_neg()
    try:
        return plain.numpy(), False
    except TypeError:
        return plain.view(getattr(torch, SAME_SIZE[plain.element_size()])).numpy(), True


def _blocks(array):
    """The array in parts of at most `CHUNK_BYTES`, in element order."""
    if array.nbytes <= CHUNK_BYTES or array.size <= 1:
        yield array
        return
    if array.flags.c_contiguous:
        array = array.reshape(-1)
    while len(array) == 1:
        array = array[0]
    step = max(1, len(array) * CHUNK_BYTES // array.nbytes)
    for start in range(0, len(array), step):
        yield from _blocks(array[start : start + step])


def _canonical(block):
    """The block in little-endian byte order. The padding of x87 long doubles is never written, and becomes zeros."""
    if block.dtype.str[0] == ">":
        return block.byteswap()
    numpy = _numpy()
    is_long = block.dtype.type in (numpy.longdouble, numpy.clongdouble)
    return _without_padding(block) if is_long and numpy.finfo("longdouble").nmant == 63 else block


def _without_padding(block):
    """The bytes of x87 extended floats. Of each 16 (or 12) the first 10 are the number."""
    numpy = _numpy()
    raw = numpy.array(block).reshape(-1).view(numpy.uint8).reshape(-1, numpy.dtype("longdouble").itemsize)
    raw[:, 10:] = 0
    return raw


def _numpy():
    """NumPy, imported when the first tensor is met: each framework depends on it, Python-level checks do not."""
    import numpy

    return numpy
