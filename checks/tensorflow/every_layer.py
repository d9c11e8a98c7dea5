"""
Each layer of TensorFlow's Keras repeats its bits, forward and backward.

Why: users write layers, not operators, and a layer's gradient calls other kernels than its forward pass
(tensorflow#126812, #53792, PR#126444). The check builds every class of `keras.layers` that computes on numbers from a
small table of arguments, with seeded weights, and runs it forward and backward on a usual batch and on an empty one,
where kernels return early: again in this process, in a fresh one, and under three memory fills. Differences under
another number of threads are only recorded, because nobody promises otherwise. The full tier takes one layer in three;
`--all`, or the check's name, takes all.

Remedy: call `keras.utils.set_random_seed(N)` before the layer is built, then
`tf.config.experimental.enable_op_determinism()`. Skip empty batches. Report a layer that still differs.
"""

from __future__ import annotations

import inspect
import zlib

from .. import sampled
from ..declare import Check
from . import _layers, _raw, _raw_canary, _state

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "memory-fill", "threads"),
    needs=("keras",),
    isolates=True,
    together="tensorflow-every",
    last=True,
    cure="framework-switch",
)


def measure(settings):
    """`operators`: "Layer float32" to the digests of its samples; `inputs`: of weights and batches."""
    import tensorflow as tf

    wanted = settings.get("names")
    operators, inputs, shapes = {}, {}, {}
    known = [name for name in _layers.LAYERS if hasattr(tf.keras.layers, name)]
    with tf.device("/CPU:0"):
        canary = _raw_canary.canaries(tf)
        for name, (arguments, batches) in _layers.LAYERS.items():
            key = "%s float32" % name
            if name not in known or (wanted and key not in wanted) or not sampled.taken(name, settings.get("part")):
                continue
            samples = [batches, _layers.emptied(batches)]
            answers = [_sample(tf, name, arguments, sample) for sample in samples]
            operators[key] = ".".join(answer for answer, _ in answers)
            inputs[key] = "%08x" % zlib.crc32(".".join(given for _, given in answers).encode())
            shapes[key] = [", ".join(sample) for sample in samples]
    conditions = {"canary": canary, "threads": _state.threads(), "cells": len(operators), "of": len(known)}
    if wanted:
        conditions["shapes"] = shapes
    return {"operators": operators, "inputs": inputs, "conditions": conditions}


def _sample(tf, name, arguments, batches):
    """Digests of one layer's results (outputs, then gradients of inputs and weights), and of its inputs."""
    fed = "none"
    with _state.seeded(53792):
        try:
            layer = getattr(tf.keras.layers, name)(**_layers.built(tf, arguments))
            given = _given(tf, batches)
            layer(*_layers.call_arguments(name, _given(tf, _layers.LAYERS[name][1])))  # creates the weights
            fed = _raw.digest(given + [tf.convert_to_tensor(weight) for weight in layer.weights])
            return _raw.digest(_forward_and_backward(tf, layer, name, given)), fed
        except Exception as problem:  # this release refuses the layer or the batch: a value like any other
            return "!" + type(problem).__name__, fed


def _given(tf, batches):
    return [_raw.argument(tf, "batch %d" % place, batch) for place, batch in enumerate(batches)]


def _forward_and_backward(tf, layer, name, given):
    learnt = [weight.value for weight in layer.trainable_weights]
    followed = [tensor for tensor in given if tensor.dtype.is_floating]
    training = {"training": True} if "training" in inspect.signature(layer.call).parameters else {}
    with tf.GradientTape() as tape:
        tape.watch(followed)
        outputs = _raw.flat(tf.nest.flatten(layer(*_layers.call_arguments(name, given), **training)))
        floats = [tensor for tensor in outputs if tensor.dtype.is_floating]
        # Every element has a different weight, so that no gradient consists of ones.
        loss = tf.add_n([tf.reduce_sum(tensor * tf.sin(tensor)) for tensor in floats] + [tf.zeros([])])
    gradients = tape.gradient(loss, followed + learnt)
    return outputs + [tf.convert_to_tensor(gradient) for gradient in gradients if gradient is not None]
