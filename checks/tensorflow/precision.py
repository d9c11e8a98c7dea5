"""
Products and convolutions have the precision of their dtype: no reduced-precision mode is on.

Why: TF32 on GPUs, on by default in TensorFlow, and oneDNN's bfloat16 mode on CPUs keep 10 or 7 mantissa bits of the
factors of a float32 product; a dtype policy makes whole models compute in float16. Which mode is on depends on machine,
release and environment (pytorch#67384, transformers#16588), and a loss that stops improving does not reveal it. The
factors in this check are integers whose sums are exact in float32 in any order, so a full-precision result has one
right answer. The finding names the precision that was used.

Remedy: turn off the mode that the finding names: TF32 with
`tf.config.experimental.enable_tensor_float_32_execution(False)`, bfloat16 on CPUs by unsetting
`TF_SET_ONEDNN_FPMATH_MODE` and `ONEDNN_DEFAULT_FPMATH_MODE`, a Keras policy with
`keras.mixed_precision.set_global_policy("float32")`. Against TF32 also set `NVIDIA_TF32_OVERRIDE=0` in the environment.
Where reduced precision is wanted, accept the finding with a waiver.
"""

from __future__ import annotations

from ..declare import Check
from . import _keras

TF32 = "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_tensor_float_32_execution"
CHECK = Check(
    tier="quick",
    rule="expected",
    documented={
        "GPU float32 matmul": TF32,
        "GPU float32 batched matmul": TF32,
        "GPU float32 convolution": TF32,
        "GPU float32 einsum": TF32,
    },
)
ROWS, SUMMED, COLUMNS = 192, 512, 160
WIDE, NARROW = 4095, 3
"""Factors up to 4095 need 12 bits of 24, more than TF32 keeps; 512 products of at most 12,285 stay below 2^24."""
KEPT_BITS = {"TF32": 10, "bfloat16": 7}


def measure(settings):
    """The precision of each kind of product, expected and observed, and the switches."""
    import tensorflow as tf

    values = {}
    for kind in ("CPU", "GPU") if tf.config.list_physical_devices("GPU") else ("CPU",):
        prefix = "GPU " if kind == "GPU" else ""
        with tf.device("/%s:0" % kind):
            for name, form in _forms(tf).items():
                values[prefix + name] = {"expected": "float32", "observed": _precision(tf, *form)}
            values[prefix + "bfloat16 matmul"] = {"expected": "sums in float32", "observed": _bfloat16(tf)}
    if _keras.installed():
        values["keras dtype policy"] = {"expected": "float32", "observed": _policy()}
    return dict(values, conditions={"TF32": tf.config.experimental.tensor_float_32_execution_enabled()})


def _forms(tf):
    left, right = _integers(ROWS, SUMMED, high=WIDE), _integers(SUMMED, COLUMNS, high=NARROW)
    image, weights = _integers(2, 24, 24, 64, high=WIDE), _integers(1, 1, 64, 48, high=NARROW)
    return {
        "float32 matmul": (tf.matmul, left, right),
        "float32 batched matmul": (lambda a, b: tf.matmul(a[None], b[None])[0], left, right),
        "float32 einsum": (lambda a, b: tf.einsum("ij,jk->ki", a, b), left, right),
        "float32 convolution": (lambda a, b: tf.nn.conv2d(a, b, 1, "SAME"), image, weights),
        "float32 matmul compiled by XLA": (tf.function(tf.matmul, jit_compile=True), left, right),
    }


def _integers(*shape, high):
    import numpy

    return numpy.random.RandomState(61890 + high).randint(-high, high + 1, shape).astype("float64")


def _precision(tf, form, left, right):
    """The precision of the product: `float32`, `TF32`, `bfloat16`, another dtype, or `other`."""
    found = form(tf.constant(left, tf.float32), tf.constant(right, tf.float32))
    if found.dtype != tf.float32:
        return "result in %s" % found.dtype.name
    observed = found.numpy().astype("float64")
    if (observed == _exact(tf, form, left, right)).all():
        return "float32"
    for name, bits in KEPT_BITS.items():
        if (observed == _exact(tf, form, _rounded(left, bits), _rounded(right, bits))).all():
            return name
    return "other"


def _exact(tf, form, left, right):
    with tf.device("/CPU:0"):
        return form(tf.constant(left), tf.constant(right)).numpy()


def _rounded(values, bits):
    """The integers rounded to that many bits after the leading one, ties to even."""
    import numpy

    fraction, exponent = numpy.frexp(values)
    return numpy.ldexp(numpy.round(fraction * 2.0 ** (bits + 1)) / 2.0 ** (bits + 1), exponent)


def _bfloat16(tf):
    """Whether the sums of a bfloat16 product are rounded once at the end, or in between."""
    left, right = _integers(ROWS, SUMMED, high=7), _integers(SUMMED, COLUMNS, high=7)
    once = tf.cast(tf.constant(left @ right, tf.float32), tf.bfloat16)
    found = tf.matmul(tf.constant(left, tf.bfloat16), tf.constant(right, tf.bfloat16))
    return "sums in float32" if bool(tf.reduce_all(found == once)) else "partial sums are rounded"


def _policy():
    """The dtype in which a new Keras layer computes."""
    import keras

    return keras.config.dtype_policy().compute_dtype
