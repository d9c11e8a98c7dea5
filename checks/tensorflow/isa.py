"""
The processor's vector instructions do not change the bits.

Why: oneDNN and XLA choose their kernels for the processor. Wider vectors group sums differently and use other
approximations of functions, so two machines of one cluster give different bits (FastSurfer PR#892: identical on 8
machines once the instructions were restricted; pytorch#155423). TensorFlow's own Eigen kernels are compiled for one
width and do not change. Nobody promises otherwise, so differences under the least instructions are recorded and do not
fail; but rounding to whole numbers, signs, orders and integers are exact, and must not change.

Remedy: where machines differ, start every job with the same `ONEDNN_MAX_CPU_ISA` (for example `AVX2`). Or use
`TF_ENABLE_ONEDNN_OPTS=0`, or for compiled functions `XLA_FLAGS=--xla_cpu_max_isa=AVX2`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _blocks, _state, same_seed

CHECK = Check(tier="full", rule="identical", across=("isa", "onednn"))
FUNCTIONS = ("exp", "log1p", "sin", "tanh", "erf", "rsqrt")


def measure(settings):
    """Digests of layers, op by op and compiled by XLA, of functions, of draws and of a short training."""
    import tensorflow as tf

    given, values = _blocks.given(), {}
    for name, (kind, layer) in _blocks.layers().items():
        values[name] = digest(layer(given[kind][:8], given))
    programs = {"xla: %s" % name: _blocks.layers()[name][1] for name in ("linear", "softmax", "gelu")}
    for name, layer in programs.items():
        values[name] = digest(tf.function(layer, jit_compile=True)(given["flat"][:8], given))
    for name in FUNCTIONS:
        values[name] = digest(getattr(tf.math, name)(tf.abs(given["flat"][:8])))
    for name, compute in _exact().items():
        values["exact: %s" % name] = digest(compute())
        values["exact: xla: %s" % name] = digest(tf.function(compute, jit_compile=True)())
    with _state.seeded(155):
        values["draws"] = digest([tf.random.normal([1000]), tf.random.uniform([1000])])
    values.update({"training: %s" % name: value for name, value in same_seed.measure(settings).items()})
    return values


def _exact():
    """Name to a function without arguments whose result is exact on every processor."""
    import tensorflow as tf

    halves = tf.reshape(tf.range(-64, 64, dtype=tf.float32), (8, 16)) / 2
    whole = tf.cast(halves * 2, tf.int32)
    math = tf.math
    named = {name: getattr(math, name) for name in ("round", "rint", "floor", "ceil", "sign", "abs")}
    found = {name: lambda function=function: function(halves) for name, function in named.items()}
    found["sort"] = lambda: tf.sort(halves, axis=1)
    found["integers"] = lambda: [tf.reduce_sum(whole), tf.cumsum(whole, 1), whole * whole, whole // 3, whole % 5]
    return found
