"""
A compiled function gives the same bits in every process; otherwise the finding names the stage that differs.

Why: a compiler may trace, optimise or execute differently next time: one XLA program gave 4462.2114 and then 4462.2104
(xla#37902), and Grappler's passes may exceed their time limit. The check compiles a training step with `tf.function`
and with XLA in several processes; one of them has a different string hash seed, memory fill and temporary folder. It
compares digests of the traced graph, the optimised program and the results of several calls.

Remedy: where only the result differs, call `tf.config.experimental.enable_op_determinism()`. Where the traced program
differs, trace once and ship that (`tf.saved_model.save`), and build graphs from sorted names, not from sets.
"""

from __future__ import annotations

from ..declare import Check
from . import _blocks, _stages

CHECK = Check(tier="full", rule="staged", across=("process", "perturbed"), requires={"calls": 2})
CALLS = 5
"""Runs whose results make one digest: a race in any of them changes it."""


def measure(settings):
    """For each compiler, the digests of its stages."""
    import tensorflow as tf

    given = _blocks.given()
    arguments = [given["sequence"][:8], given["image"][:8], given["heads"], given["filter"]]
    ways = {"function": _stages.grappler, "xla": _stages.xla}
    values = {name: {"stages": way(tf, step, arguments, CALLS)} for name, way in ways.items()}
    return dict(values, conditions={"calls": CALLS})


def step(sequence, images, heads, weights):
    """Loss and gradients of attention beside a convolution, with sums of several terms."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch((heads, weights))
        attended = tf.reduce_mean(_blocks.layers()["attention"][1](sequence, {"heads": heads}), axis=1)
        seen = tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(images, weights, 1, "SAME")), axis=(1, 2))
        attended = tf.add_n([attended * share for share in (1.0, 0.3, 0.001, 7.1, 0.77)])
        loss = tf.reduce_mean(tf.square(tf.nn.softmax(tf.concat([attended, seen], axis=1))))
    return [loss, *tape.gradient(loss, (heads, weights))]
