"""The fusions of `checks/fusions.py` in TensorFlow: eager, in a `tf.function`, and compiled by XLA."""

from __future__ import annotations

import functools

from .. import fusions


def readings(chosen, ways):
    """
    Agreement of compiled and eager results for these cells, without TensorFloat-32; the caller chooses the device.

    `ways`: prefix of the names to `jit_compile`.
    """
    import tensorflow as tf

    compiled = {prefix: functools.partial(_compiled, tf, just_in_time) for prefix, just_in_time in ways.items()}
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        return fusions.compared(chosen, _eager, compiled)
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def _compiled(tf, just_in_time, given):
    """All cells in one function: one compilation, in which each is a fusion of its own."""
    chosen = [case[0] for case in given]

    def together(arrays):
        return [_programs(tf, names, *pair) for names, pair in zip(chosen, arrays)]

    return tf.function(together, jit_compile=just_in_time)(_tensors(tf, given))


def _eager(given):
    import tensorflow as tf

    return [_programs(tf, case[0], *pair) for case, pair in zip(given, _tensors(tf, given))]


def _tensors(tf, given):
    return [(tf.constant(rows), tf.constant(matrix)) for _, rows, matrix in given]


def _programs(tf, names, rows, matrix):
    def scan():
        carry = tf.zeros_like(rows[:, 0])
        for column in tf.unstack(rows, axis=1):
            carry = tf.tanh(carry * 0.5 + column)
        return carry

    programs = {
        "elementwise": lambda: tf.tanh(rows) * rows + tf.exp(-rows * rows),
        "reduction": lambda: tf.reduce_sum(rows * rows + 1, axis=0),
        "dot": lambda: tf.maximum(tf.matmul(rows, matrix, transpose_b=True), 0) + 1,
        "vmap": lambda: tf.vectorized_map(lambda row: tf.reduce_sum(tf.linalg.matvec(matrix, row) ** 2), rows),
        "scan": scan,
    }
    return {name: programs[name]() for name in names}
