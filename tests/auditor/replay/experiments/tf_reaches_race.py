"""A gradient of TensorFlow that races, a graph with a convolution, and a seeded draw."""

import tensorflow as tf

tf.random.set_seed(1)
images = tf.random.normal([16, 64, 64, 3])
boxes = tf.constant([[0.0, 0.0, 1.0, 1.0]] * 256)
with tf.GradientTape() as tape:
    tape.watch(images)
    crops = tf.image.crop_and_resize(images, boxes, tf.constant([n % 4 for n in range(256)]), [32, 32])
    total = tf.reduce_sum(crops * crops)
gradient = tape.gradient(total, images)
kernel = tf.Variable(tf.random.normal([3, 3, 3, 5]))


@tf.function
def step():
    """The gradient of a convolution."""
    with tf.GradientTape() as inner:
        loss = tf.reduce_sum(tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "SAME")) ** 2)
    return inner.gradient(loss, kernel)


step()
print("done")
