import tensorflow as tf

tf.keras.utils.set_random_seed(0)
UNORDERED = tf.data.Options()
UNORDERED.deterministic = False


def noisy(number):
    return tf.reshape(tf.cast(number, tf.float32) + tf.random.uniform([]), [1])


def by_python(number):
    return tf.reshape(tf.numpy_function(lambda one: one, [number], tf.int64), [1])


def numbers():
    return tf.data.Dataset.range(16).shuffle(4, seed=1)


def take(rows):
    for row in rows.batch(4).prefetch(2):
        row.numpy()


def fit(rows):
    model.fit(rows.map(lambda row: (row, row)).batch(4), verbose=0)


model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
take(numbers().map(noisy))  # one after the other: nothing to blame
take(numbers().map(noisy, num_parallel_calls=4))  # blame: drawn in parallel
take(numbers().map(by_python, num_parallel_calls=4))  # blame: Python may draw there
take(numbers().interleave(tf.data.Dataset.range, 4, num_parallel_calls=2, deterministic=False))  # blame: any order
take(numbers().map(lambda one: one + 1, num_parallel_calls=2).with_options(UNORDERED))  # blame: any order
fit(numbers().map(noisy, num_parallel_calls=4))  # blame: the map, and not `fit`
fit(numbers().map(noisy, num_parallel_calls=4).shuffle(4, seed=None).map(noisy))  # blame: the map, though there is more
