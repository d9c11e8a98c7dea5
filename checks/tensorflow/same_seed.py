"""
A seeded training run gives the same bits again, in this process and in a fresh one.

Why: users set every seed and still get other losses (tensorflow#53792, jax#13672, pytorch#75240). The check repeats
three steps of a small network (embedding, attention, convolution, norm, dropout, dense; Adam) in one process, in a
second one, and in one with a different string hash seed, memory fill and temporary folder, none of which may change a
result.

Remedy: call `tf.keras.utils.set_random_seed(N)`, which seeds Python, NumPy and TensorFlow. Then call
`tf.config.experimental.enable_op_determinism()`; both before the model and the input pipeline are built.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    cure="framework-switch",
    explains=("one-thread",),
)
STEPS = 3


def measure(settings):
    """Digests of the losses, of each group of parameters after training, and of later draws."""
    import tensorflow as tf

    with _state.seeded(20211):
        parameters = _parameters(tf)
        moments = {name: [tf.Variable(tf.zeros_like(value)) for _ in "mv"] for name, value in parameters.items()}
        batch = _batch(tf)
        losses = [_step(tf, parameters, moments, batch, number) for number in range(1, STEPS + 1)]
        groups = {}
        for name in sorted(parameters):
            groups.setdefault("parameters of %s" % name.split("/")[0], []).append(parameters[name])
        draws = [tf.random.normal([64]), tf.random.uniform([64]), tf.random.shuffle(tf.range(64))]
    reading = {name: digest(members) for name, members in groups.items()}
    return dict(reading, losses=digest(losses), draws=digest(draws))


def _parameters(tf):
    shapes = {
        "embedding/table": (50, 16),
        "attention/query": (16, 16),
        "attention/key": (16, 16),
        "attention/value": (16, 16),
        "conv/kernel": (3, 3, 3, 8),
        "norm/scale": (8,),
        "norm/shift": (8,),
        "dense/kernel": (24, 10),
        "dense/bias": (10,),
    }
    return {name: tf.Variable(tf.random.normal(shape, stddev=0.2)) for name, shape in shapes.items()}


def _batch(tf):
    """Tokens, images and labels of one batch of 16, drawn under the seed."""
    tokens = tf.random.uniform([16, 12], maxval=50, dtype=tf.int32)
    return tokens, tf.random.normal([16, 12, 12, 3]), tf.random.uniform([16], maxval=10, dtype=tf.int32)


def _step(tf, parameters, moments, batch, number):
    """One step of Adam (Kingma and Ba 2015) with TensorFlow's operator; returns the loss before the step."""
    tokens, images, labels = batch
    with tf.GradientTape() as tape:
        logits = _forward(tf, parameters, tokens, images)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    for name, gradient in tape.gradient(loss, parameters).items():
        tf.raw_ops.ResourceApplyAdam(
            var=parameters[name].handle,
            m=moments[name][0].handle,
            v=moments[name][1].handle,
            beta1_power=0.9**number,
            beta2_power=0.999**number,
            lr=0.01,
            beta1=0.9,
            beta2=0.999,
            epsilon=1e-8,
            grad=tf.convert_to_tensor(gradient),
        )
    return loss


def _forward(tf, parameters, tokens, images):
    embedded = tf.nn.embedding_lookup(parameters["embedding/table"], tokens)
    query, key, value = (tf.matmul(embedded, parameters["attention/" + part]) for part in ("query", "key", "value"))
    weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / 4.0)
    attended = tf.reduce_mean(tf.matmul(tf.nn.dropout(weights, 0.1), value), axis=1)
    seen = tf.nn.conv2d(images, parameters["conv/kernel"], 1, "SAME")
    normed = tf.compat.v1.nn.fused_batch_norm(seen, parameters["norm/scale"], parameters["norm/shift"])[0]
    pooled = tf.reduce_mean(tf.nn.max_pool2d(tf.nn.relu(normed), 2, 2, "SAME"), axis=(1, 2))
    joined = tf.nn.dropout(tf.concat([attended, pooled], axis=1), 0.2)
    return tf.matmul(joined, parameters["dense/kernel"]) + parameters["dense/bias"]
