import tempfile

import numpy as np
import tensorflow as tf

tf.random.set_seed(0)
ROWS = np.arange(200, dtype="float32").reshape(50, 4)


def batches():
    order = np.random.permutation(len(ROWS))  # guilty: TensorFlow calls it in a thread of its own
    for start in range(0, len(ROWS), 10):
        yield ROWS[order[start : start + 10]]


rows = tf.data.Dataset.from_generator(batches, output_signature=tf.TensorSpec((None, 4), tf.float32)).prefetch(2)
weights = tf.Variable(tf.ones([4, 1]) * 0.1)
for batch in rows:
    weights.assign_sub(tf.reduce_mean(batch * 0.01) * weights)
with tempfile.TemporaryDirectory() as folder:  # its name is another one each time, and nothing is made of it
    tf.train.Checkpoint(weights=weights).save(folder + "/weights")
print(weights.numpy().ravel())
