"""Layers and their inputs, shared by several checks, with float64 references."""

from __future__ import annotations

import functools

WIDTH = 1024
"""Length of a row and of the longest sum (elements). At 256 oneDNN used one kernel for all batches."""
MOST_ROWS = 64


@functools.lru_cache(maxsize=None)
def numbers():
    """Weights and inputs as NumPy float32 arrays, from a separate generator: TensorFlow draws nothing."""
    import numpy

    draws = numpy.random.RandomState(136338)
    shapes = {
        "square": (WIDTH, WIDTH // 2),
        "heads": (4, 32, 32),
        "gain": (WIDTH // 2,),
        "filter": (3, 3, 16, 24),
        "depth filter": (3, 3, 16, 2),
        "table": (500, 32),
        "flat": (MOST_ROWS, WIDTH),
        "sequence": (MOST_ROWS, 24, 32),
        "image": (MOST_ROWS, 12, 12, 16),
    }
    scale = {"square": 0.03, "heads": 0.2, "filter": 0.1, "depth filter": 0.3}
    found = {name: scale.get(name, 1.0) * draws.standard_normal(shape) for name, shape in shapes.items()}
    found = {name: value.astype("float32") for name, value in found.items()}
    found["tokens"] = draws.randint(0, 500, (MOST_ROWS, 24)).astype("int32")
    return found


def given(dtype="float32"):
    """The same numbers as tensors, floats in a dtype."""
    import tensorflow as tf

    found = numbers()
    return {name: tf.constant(value, dtype if value.dtype.kind == "f" else None) for name, value in found.items()}


def layers():
    """Layer to the name of its input and a function from (rows, given) to rows."""
    import tensorflow as tf

    nn = tf.nn
    return {
        "linear": ("flat", lambda x, g: tf.matmul(x, g["square"]) + g["gain"]),
        "layer norm": ("flat", lambda x, g: _norm(tf, x)[:, ::2] * g["gain"]),
        "softmax": ("flat", lambda x, _: nn.softmax(x)),
        "logsumexp": ("flat", lambda x, _: tf.reduce_logsumexp(x, axis=1)),
        "gelu": ("flat", lambda x, g: nn.gelu(tf.matmul(x, g["square"]))),
        "row sums": ("flat", lambda x, _: tf.reduce_sum(x, axis=1)),
        "attention": ("sequence", lambda x, g: _attention(tf, x, g["heads"])),
        "einsum": ("sequence", lambda x, g: tf.einsum("bti,hij->bthj", x, g["heads"])),
        "recurrence": ("sequence", lambda x, g: _recurrence(tf, x, g["heads"])),
        "embedding": ("tokens", lambda x, g: tf.reduce_mean(nn.embedding_lookup(g["table"], x), axis=1)),
        "convolution": ("image", lambda x, g: nn.conv2d(x, g["filter"], 1, "SAME")),
        "depthwise convolution": ("image", lambda x, g: nn.depthwise_conv2d(x, g["depth filter"], [1] * 4, "SAME")),
        "pooling": ("image", lambda x, _: nn.avg_pool2d(nn.max_pool2d(x, 3, 2, "SAME"), 2, 2, "SAME")),
    }


def exact(layer, rows):
    """A layer's result in float64 (NumPy) for the first rows of its input."""
    kind, compute = layers()[layer]
    wide = given("float64")
    return compute(wide[kind][:rows], wide).numpy()


def _norm(tf, rows):
    mean, variance = tf.nn.moments(rows, axes=[-1], keepdims=True)
    return (rows - mean) / tf.sqrt(variance + 1e-5)


def _attention(tf, rows, heads):
    """Einsum for a batch of matrices times one matrix: vectorised `matmul` would crash (see broadcast_product.py)."""
    query, key, value = (tf.einsum("bti,ij->btj", rows, heads[number]) for number in range(3))
    weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / 5.0)
    return tf.einsum("bti,ij->btj", tf.matmul(weights, value), heads[3])


def _recurrence(tf, rows, heads):
    state = tf.zeros_like(rows[:, 0])
    for time in range(rows.shape[1]):
        state = tf.tanh(tf.matmul(rows[:, time], heads[0]) + tf.matmul(state, heads[1]))
    return state
