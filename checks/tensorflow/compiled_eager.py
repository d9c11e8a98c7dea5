"""
`tf.function`, with and without XLA, agrees with op-by-op execution up to rounding.

Why: Grappler and XLA fuse, reorder and rewrite. This may change rounding but must not change the result otherwise. It
did: a loss of 5.52 against 3.88 after 20 steps (tensorflow#120996, #47548), a negative absolute value of an integer
product (tensorflow#117142, open), and `in_top_k` beside a NaN (tensorflow#118376, open). The check compares the loss
and gradients of a small network, and small programs of kinds that were miscompiled, with float64, to tell rounding from
error. Some small fusions have sizes beside powers of two, where compilers change their code; tensorflow-compiled-sizes
has the rest of them.

Remedy: run the values that the finding names without the compiler that it names (`function`: `tf.function`; `xla`:
`jit_compile=True`). Or export `XLA_FLAGS=--xla_disable_hlo_passes=algsimp`, which was measured to cure the integer
product (at a cost in speed); give `in_top_k` no NaN; or export `TF_ENABLE_ONEDNN_OPTS=0` if the finding says that
oneDNN explains it. Report it to TensorFlow.
"""

from __future__ import annotations

import functools

from .. import fusions
from ..agreement import agreement
from ..declare import Check
from ..parts import asked
from . import _fusions

CHECK = Check(
    tier="quick",
    rule="within",
    explains=("onednn-off",),
    unexplained={
        "*:absolute int32": "oneDNN has no kernels for the integers of this program",
        "*:rank beside a NaN": "this program only compares, which oneDNN does not do",
    },
)
GRADIENT = "gradient of %s"
WAYS = {"function": None, "xla": True}
"""Way of compiling to `jit_compile` of `tf.function`."""
ROWS, SIDE = 16, 12
REDUCTION = ROWS * SIDE * SIDE
"""Elements summed behind a gradient of the convolution: all positions of all images."""
SHAPES = {
    "conv": (3, 3, 3, 8),
    "norm scale": (8,),
    "norm shift": (8,),
    "dense 1": (32, 64),
    "bias 1": (64,),
    "dense 2": (72, 10),
    "bias 2": (10,),
}


def measure(settings):
    """Agreement of loss, logits, gradients, programs and fusions: `function:` and `xla:` against eager."""
    import tensorflow as tf

    with tf.device("/CPU:0") if not tf.config.list_physical_devices("GPU") else tf.device("/GPU:0"):
        found = asked(_parts(tf), settings)
    return dict(found, conditions=fusions.conditions(fusions.QUICK))


def _parts(tf):
    """Each way of compiling has its own parts, but for the fusions, which all are compared with one reference."""
    parameters, batch = _inputs()
    network, keys = _tensors(tf, parameters, batch, tf.float32), tf.constant(KEYS)
    exact = functools.cache(lambda: _network(tf, *_tensors(tf, parameters, batch, tf.float64)))
    of_network = ("loss", "logits", *map(GRADIENT.__mod__, SHAPES))
    for way in WAYS:
        yield _named(way, of_network), functools.partial(_compared, tf, way, _network, network, exact)
        yield _named(way, EXACT), functools.partial(_compared, tf, way, _programs, (keys,), lambda: EXACT)
    cells = [fusions.name(*cell) for cell in fusions.QUICK]
    ways = {"%s:" % way: just_in_time for way, just_in_time in WAYS.items()}
    yield [name for way in WAYS for name in _named(way, cells)], lambda: _fusions.readings(fusions.QUICK, ways)


def _named(way, names):
    return ["%s:%s" % (way, name) for name in names]


def _compared(tf, way, function, arguments, exact):
    """The agreement of each result of `function(tf, *arguments)`, compiled in this way, with eager code."""
    eager = function(tf, *arguments)
    compiled = tf.function(lambda *given: function(tf, *given), jit_compile=WAYS[way])(*arguments)
    return {
        "%s:%s" % (way, name): agreement(eager[name], compiled[name], tf.constant(reference, tf.float64), REDUCTION)
        for name, reference in exact().items()
    }


def _inputs():
    """Parameters and a batch from a separate NumPy generator: TensorFlow draws nothing."""
    import numpy

    draws = numpy.random.RandomState(47548)
    parameters = {name: 0.3 * draws.standard_normal(shape) for name, shape in SHAPES.items()}
    batch = (
        draws.standard_normal((ROWS, 32)),
        draws.standard_normal((ROWS, SIDE, SIDE, 3)),
        draws.randint(0, 10, ROWS),
    )
    return parameters, batch


def _tensors(tf, parameters, batch, dtype):
    """All inputs as tensors, rounded to float32 first, so that both precisions start from equal values."""

    def tensor(array):
        return tf.constant(array.astype("float32"), dtype)

    return {name: tensor(array) for name, array in parameters.items()}, tensor(batch[0]), tensor(batch[1]), batch[2]


def _network(tf, parameters, features, images, labels):
    """Loss, logits and gradients of a dense layer on the outputs of a convolution with batch norm and a dense layer."""
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        seen = tf.nn.conv2d(images, parameters["conv"], 1, "SAME")
        mean, variance = tf.nn.moments(seen, (0, 1, 2))
        shift, scale = parameters["norm shift"], parameters["norm scale"]
        normed = tf.nn.relu(tf.nn.batch_normalization(seen, mean, variance, shift, scale, 1e-3))
        hidden = tf.nn.gelu(tf.matmul(features, parameters["dense 1"]) + parameters["bias 1"])
        joined = tf.concat([tf.reduce_mean(normed, axis=(1, 2)), hidden], axis=1)
        logits = tf.matmul(joined, parameters["dense 2"]) + parameters["bias 2"]
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    gradients = tape.gradient(loss, parameters)
    return dict({GRADIENT % name: value for name, value in gradients.items()}, loss=loss, logits=logits)


KEYS = [50000, 7, 70000]
EXACT = {
    "absolute int32": [1794967296.0, 49.0, 605032704.0],
    "floor division in a loop": [-4.0],
    "running sum": [50000.0, 50007.0, 120007.0],
    "rank beside a NaN": [1.0],
}
"""
The results of `_programs` for KEYS; int32 wraps, as XLA's semantics say: 50000 * 50000 is -1794967296.

No rank is promised beside a NaN; that of eager code stands for it, and says that the target is not among the first.
"""


def _scores(tf, keys):
    """One row of four predictions, of which the second is NaN (tensorflow#118376)."""
    nothing = tf.cast(keys[1] - 7, tf.float32)  # 0, of an argument, so that nothing is folded
    return tf.stack([nothing + 0.5, tf.math.log(nothing - 1), nothing + 0.7, nothing + 0.6])[None]


def _programs(tf, keys):
    """Small programs of kinds that were miscompiled; `keys` is an argument, so that nothing is folded."""
    divided = tf.while_loop(
        lambda at, _: at < 4,
        lambda at, value: (at + 1, value // tf.gather([2, 2, -3], at - 1)),
        [1, keys[1] + 40],
    )[1]
    return {
        "absolute int32": tf.cast(tf.abs(keys * keys), tf.float32),
        "floor division in a loop": tf.cast(tf.reshape(divided, [1]), tf.float32),
        "running sum": tf.cumsum(tf.cast(keys, tf.float32)),
        "rank beside a NaN": 1 - tf.cast(tf.math.in_top_k([2], _scores(tf, keys), 1), tf.float32),
    }
