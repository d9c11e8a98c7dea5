import hashlib

import numpy
import tensorflow as tf

draws = numpy.random.default_rng(1)
rows = tf.constant(draws.integers(0, 100_000, 300_000), tf.int32)
values = tf.constant(draws.standard_normal(300_000), tf.float32)
table = tf.Variable(tf.zeros([100_000]))
for _ in range(4):
    table.scatter_add(tf.IndexedSlices(values, rows))  # guilty: its threads race
print(hashlib.sha256(table.numpy().tobytes()).hexdigest())
