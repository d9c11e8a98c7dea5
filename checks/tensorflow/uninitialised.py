"""
No operator returns memory that it did not write.

Why: a kernel that returns early, or skips an element, returns what the memory held before: other numbers in every run,
whatever seeds are set. The gradient of `tf.sparse.segment_sum` over an empty batch does so (tensorflow PR#126444), and
so does `tf.linalg.lstsq(..., fast=False)` over no rows.

Buffers below 256 KiB come from the C library, and its fill (`MALLOC_PERTURB_`) is visible in TensorFlow's `Empty`
operator at every such size. From 256 KiB on, TensorFlow recycles blocks that this fill never reaches; there the check
fills the blocks itself and releases them before each call. Canaries show in each process that both fills arrived. GPU
memory is not covered.

Remedy: do not use the named operator with the named shape. Skip an empty batch, or use `tf.math.unsorted_segment_sum`
over gathered rows. Report it to TensorFlow with two fills and their results.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import as_numpy, digest
from ._operators import LARGE, SMALL

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "memory-fill"),
)
CANARY_BYTES = (64, 1024, 16384, 131072)
LARGE_BYTES = 1048576
BLOCKS = 4
"""How many freed 1 MiB blocks hold the fill before a large call: for its output and its temporaries."""


def measure(settings):
    """One digest for each operator's outputs; the canaries under `conditions`."""
    import tensorflow as tf

    with tf.device("/CPU:0"):
        canary = {}
        for size in CANARY_BYTES:
            canary["%d bytes, fresh" % size] = _canary(tf, size)
            tf.fill([size // 4], 1.5)
            canary["%d bytes, recycled" % size] = _canary(tf, size)
        reading = {name: _call(tf, *entry) for name, entry in SMALL.items()}
        seen = set()
        for name, entry in LARGE.items():
            reading[name] = _call(tf, *entry, before=lambda: seen.add(_fill_large(tf, settings)))
    canary["1 MiB, recycled"] = seen.pop() if len(seen) == 1 else "mixed"
    return dict(reading, conditions={"canary": canary})


def _canary(tf, size):
    """The byte (two hex digits) that fills an unwritten buffer of `size` bytes, or `mixed`."""
    held = set(as_numpy(tf.raw_ops.Empty(shape=[size // 4], dtype=tf.float32, init=False)).tobytes())
    return "%02x" % held.pop() if len(held) == 1 else "mixed"


def _fill_large(tf, settings):
    """Fill 1 MiB blocks with the byte of the memory fill and free them; return what a canary sees."""
    if "memory-fill" in settings:
        byte = 255 - int(settings["memory-fill"])
        blocks = [tf.fill([LARGE_BYTES], tf.constant(byte, tf.uint8)) for _ in range(BLOCKS)]
        del blocks
    return _canary(tf, LARGE_BYTES)


def _call(tf, operator, arguments, chosen=(), before=None):
    """The digest of all outputs, or the name of the error with which this release refuses the call."""
    arguments = {name: _argument(tf, value) for name, value in arguments.items()}
    if before is not None:
        before()
    try:
        outputs = getattr(tf.raw_ops, operator)(**arguments)
    except (AttributeError, TypeError, ValueError, tf.errors.OpError) as problem:
        return "refused: %s" % type(problem).__name__
    if chosen:
        outputs = [getattr(outputs, name) for name in chosen]
    return digest(list(outputs) if isinstance(outputs, (list, tuple)) else outputs)


def _argument(tf, value):
    """The tensor for a description of `_operators.py`; anything else unchanged."""
    if value == "reserved":
        return tf.raw_ops.TensorListReserve(element_shape=[2], num_elements=3, element_dtype=tf.float32)
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return [_argument(tf, item) for item in value]
    if not isinstance(value, tuple):
        return {"float": tf.float32}.get(value, value) if isinstance(value, str) else value
    return _tensor(tf, *value)


def _tensor(tf, kind, shape, *limits):
    """Fixed numbers without a pattern: multiples of a prime modulo another; a scalar where there is no shape."""
    import numpy

    dtype = {"float": tf.float32, "double": tf.float64, "int": tf.int32, "long": tf.int64}[kind]
    if not shape:
        return tf.constant(limits[0], dtype)
    steps = (numpy.arange(int(numpy.prod(shape)), dtype=numpy.int64) * 7919) % 10007
    numbers = steps % limits[0] if kind == "int" else steps / 10007.0 * limits[0] + limits[1]
    return tf.constant(numbers.reshape(shape), dtype)
