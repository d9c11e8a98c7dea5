import pathlib
import tempfile
import time

import numpy
import tensorflow as tf

tf.keras.utils.set_random_seed(1)


@tf.function
def squared(inputs, weights):
    for step in tf.range(20):  # stateful draws would race: TensorFlow runs iterations side by side
        inputs = tf.nn.tanh(inputs @ weights) + tf.random.stateless_normal([4, 4], tf.stack([1, step]))
    if tf.reduce_sum(inputs) > 0:
        inputs = inputs * 2.0
    return tf.reduce_sum(tf.square(inputs))


with tempfile.TemporaryDirectory() as folder:  # its name differs in each run, and is a part of a tensor's content
    for name in "ab":
        pathlib.Path(folder, name).write_text(name)
    with tf.summary.create_file_writer(folder + "/log").as_default():
        tf.summary.write("seconds", time.perf_counter(), step=1)
    print([one.numpy()[-1:] for one in tf.data.Dataset.list_files(folder + "/?", shuffle=False)])

weights = tf.Variable(tf.random.normal([4, 4]))
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = squared(tf.ones([4, 4]), weights)
    weights.assign_sub(0.001 * tape.gradient(loss, weights))
print(float(loss))

features = numpy.random.default_rng(0).normal(size=(64, 8)).astype("float32")
model = tf.keras.Sequential([tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(1)])
model.compile("adam", "mse")
history = model.fit(features, features.sum(axis=1), epochs=2, batch_size=16, verbose=0)
print(history.history["loss"], float(sum(tf.reduce_sum(one) for one in model.get_weights())))
