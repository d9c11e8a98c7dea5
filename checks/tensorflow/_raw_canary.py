"""Canaries: whether the memory fill reaches TensorFlow's fresh and recycled buffers of each size class in use."""

from __future__ import annotations

SIZES_BYTES = (64, 1024, 16384, 131072)
"""Below 256 KiB, where TensorFlow 2.21 takes memory from the C library each time."""


def canaries(tf):
    """Size class to the byte (two hex digits) that an unwritten buffer holds throughout, or `mixed`."""
    seen = {}
    for size in SIZES_BYTES:
        seen["%d bytes, fresh" % size] = _held(tf, size)
        tf.fill([size // 4], 1.5)
        seen["%d bytes, recycled" % size] = _held(tf, size)
    return seen


def _held(tf, size):
    held = set(tf.raw_ops.Empty(shape=[size // 4], dtype=tf.float32, init=False).numpy().tobytes())
    return "%02x" % held.pop() if len(held) == 1 else "mixed"
