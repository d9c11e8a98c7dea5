import hashlib

import tensorflow as tf

tf.random.set_seed(0)


@tf.function
def walk():
    places = tf.constant(0)
    total = tf.zeros([400_000])

    def step(place, total):
        return place + 1, total * 0.5 + tf.random.normal([400_000])

    return tf.while_loop(lambda place, _: place < 40, step, (places, total), parallel_iterations=10)[1]


print(hashlib.sha256(walk().numpy().tobytes()).hexdigest())  # guilty: its rounds draw in any order
