"""
A training step over several replicas agrees, up to rounding, with the same step on one.

Why: a batch that is split over devices is summed in another order, which changes rounding. A wrong loss scale, a norm
over a part of the batch or a gradient that is counted twice gives a wrong result (Megatron-LM's page on determinism;
the TensorFlow guide on custom training names the scale as the usual mistake). The check compares three steps of a small
network under `tf.distribute.MirroredStrategy`, on the machine's GPUs or on logical devices of its CPU, with the same
steps on the whole batch, and both with float64.

Remedy: divide each replica's loss by the size of the global batch (`tf.nn.compute_average_loss`), and synchronise norms
(`BatchNormalization(synchronized=True)`). For equal bits always train on the same number of replicas.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _blocks, _devices

CHECK = Check(tier="full", rule="within", isolates=True, explains=("onednn-off", "one-thread"))
ROWS, STEPS, RATE = 16, 3, 0.5
REDUCTION = ROWS * 24 * 32
"""Elements summed behind a gradient: all rows, time steps and features."""


def measure(settings):
    """Agreement of losses and of each weight after training: several replicas, one replica, and float64."""
    import tensorflow as tf

    devices = _devices.several()
    alone = tf.distribute.OneDeviceStrategy(devices[0])
    several = tf.distribute.MirroredStrategy(devices)
    exact, plain = _trained(tf, alone, "float64"), _trained(tf, alone, "float32")
    reading = {}
    for way, compiled in (("eager", False), ("in a function", True)):
        other = _trained(tf, several, "float32", compiled)
        for name, reference in exact.items():
            reading["%s, %s" % (name, way)] = agreement(plain[name], other[name], reference, REDUCTION)
    return dict(reading, conditions={"replicas": len(devices)})


def _trained(tf, strategy, dtype, compiled=False):
    """Losses of the steps, and the weights afterwards, by name."""
    given = _blocks.given(dtype)
    with strategy.scope():
        weights = {"heads": tf.Variable(given["heads"]), "filter": tf.Variable(given["filter"])}

    def step(rows, images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(_loss(tf, rows, images, weights)) / ROWS
        gradients = tape.gradient(loss, list(weights.values()))
        context = tf.distribute.get_replica_context()
        for weight, total in zip(weights.values(), context.all_reduce("sum", gradients)):
            weight.assign_sub(tf.cast(RATE, dtype) * total)
        return loss

    def whole(rows, images):
        return strategy.reduce("sum", strategy.run(step, args=(rows, images)), axis=None)

    run = tf.function(whole) if compiled else whole
    count = strategy.num_replicas_in_sync
    batch = [_cut(tf, strategy, given[name][:ROWS], count) for name in ("sequence", "image")]
    losses = [run(*batch) for _ in range(STEPS)]
    after = {"weights of the %s" % name: tf.identity(weight) for name, weight in weights.items()}
    return dict({"loss %d" % number: loss for number, loss in enumerate(losses)}, **after)


def _loss(tf, rows, images, weights):
    """One loss per row, of attention beside a convolution."""
    attended = tf.reduce_mean(_blocks.layers()["attention"][1](rows, weights), axis=1)
    seen = tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(images, weights["filter"], 1, "SAME")), axis=(1, 2))
    return tf.reduce_mean(tf.square(tf.concat([attended, seen], axis=1) - 0.1), axis=1)


def _cut(tf, strategy, rows, count):
    """The rows in equal shards, one per replica."""
    pieces = tf.split(rows, count)
    return strategy.experimental_distribute_values_from_function(
        lambda context: pieces[context.replica_id_in_sync_group]
    )
