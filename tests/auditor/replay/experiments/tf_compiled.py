import threading

import tensorflow as tf

tf.random.set_seed(3)


@tf.function
def shared(rows):
    return tf.tanh(rows) * 2.0


@tf.function(jit_compile=True)
def fast(rows, weights):
    return tf.reduce_sum(tf.matmul(shared(rows), weights), axis=0)


@tf.function
def outer(rows, weights):
    summed = tf.vectorized_map(tf.reduce_sum, rows)
    return fast(rows, weights) + shared(rows)[0] + summed


def work():
    print(outer(rows, weights).numpy())


weights, rows = tf.Variable(tf.random.normal([4, 4])), tf.random.normal([4, 4])
print(shared(rows).numpy(), fast(rows, weights).numpy())
thread = threading.Thread(target=work)
thread.start()
thread.join()
for batch in tf.data.Dataset.from_tensor_slices(rows).shuffle(4).batch(2).prefetch(2):
    print(float(tf.reduce_sum(batch)), tf.strings.as_string(batch[0]).numpy())
