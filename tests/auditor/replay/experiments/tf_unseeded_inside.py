import tensorflow as tf


@tf.function
def noisy(inputs):
    inputs = inputs * 2.0
    for _ in tf.range(3):
        inputs = inputs + tf.random.uniform([4])  # guilty: inside a graph, and nothing seeds TensorFlow
    return tf.reduce_mean(inputs)


print(noisy(tf.ones([4])).numpy())
