"""
A row's result is the same, up to rounding, whatever the size of its batch.

Why: kernels are chosen by size and split over threads by rows, and another kernel sums in another order. A result then
depends on the other requests in the batch (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0). The
check compares rows of dense, norm, softmax, attention, recurrent and convolution layers, and of Keras's layers at
inference, in batches of 2, 5 and 64 with the same row in a batch of 1, and the last of 65,537 matrices in a batched
product with the same one alone. Differences within rounding are recorded with their size and do not fail, because
nobody promises equal bits. Larger ones fail.

Remedy: for equal bits always compute batches of one size, filled up with padding. For differences beyond rounding, the
finding names the layer: report it to TensorFlow, and export `TF_ENABLE_ONEDNN_OPTS=0` if the finding says that oneDNN
explains it.
"""

from __future__ import annotations

from ..agreement import of_equals
from ..declare import Check
from . import _blocks

CHECK = Check(tier="full", rule="within", explains=("onednn-off", "one-thread"))
SIZES = (2, 5, 64)
MANY = 2**16 + 1
"""Matrices of a batch of which the last is compared: kernels count them in 16 bits."""
SMALL = 0.001
"""What normalisations add to a variance."""
KERAS_TERMS = 64
"""Rounding steps behind an element of a normalisation over 32 values."""


def measure(settings):
    """Agreement of a row in each batch with the same row alone, against float64."""
    given, reading = _blocks.given(), {"batched product, last of %d" % MANY: _last_product()}
    for name, (layer, exact) in _of_keras().items():
        rows = given["sequence"]
        alone, reference = layer(rows[:1]), exact(rows.numpy()[:1].astype("float64"))
        for size in SIZES:
            row = layer(rows[:size])[:1]
            reading["%s, 1 of %d" % (name, size)] = of_equals(alone, row, reference, KERAS_TERMS)
    for name, (kind, layer) in _blocks.layers().items():
        alone, reference = layer(given[kind][:1], given), _blocks.exact(name, 1)
        for size in SIZES:
            row = layer(given[kind][:size], given)[:1]
            reading["%s, 1 of %d" % (name, size)] = of_equals(alone, row, reference, _blocks.WIDTH)
    return reading


def _last_product():
    """The first call of a batched product: its last matrix, beside the product of that matrix alone."""
    import numpy
    import tensorflow as tf

    draws = numpy.random.RandomState(65537).standard_normal((2, MANY, 3, 3)).astype("float32")
    left, right = tf.constant(draws[0]), tf.constant(draws[1])
    last = tf.matmul(left, right)[-1]
    return of_equals(tf.matmul(left[-1], right[-1]), last, draws[0, -1].astype("float64") @ draws[1, -1], 3)


def _of_keras():
    """Name to (a layer of Keras at inference, NumPy's result of it); no batch has the statistics of the first."""
    import keras
    import numpy

    norm = keras.layers.BatchNormalization(epsilon=SMALL, moving_mean_initializer="ones")
    last = keras.layers.LayerNormalization(epsilon=SMALL)

    def normalised(rows):
        centred = rows - rows.mean(-1, keepdims=True)
        return centred / numpy.sqrt((centred**2).mean(-1, keepdims=True) + SMALL)

    return {
        "batch norm at inference": (
            lambda rows: norm(rows, training=False),
            lambda rows: (rows - 1) / (1 + SMALL) ** 0.5,
        ),
        "layer norm of Keras": (last, normalised),
    }
