import hashlib

import numpy
import tensorflow as tf

draws = numpy.random.default_rng(1)
rows = tf.constant(draws.integers(0, 100_000, 300_000), tf.int32)
values = tf.constant(draws.standard_normal(300_000), tf.float32)
table = tf.Variable(tf.zeros([100_000]))


@tf.function
def add(values):
    values = values * 2.0
    table.scatter_add(tf.IndexedSlices(values, rows))  # guilty: its threads race
    return tf.reduce_max(values)


for _ in range(4):
    add(values)
print(hashlib.sha256(table.numpy().tobytes()).hexdigest())
