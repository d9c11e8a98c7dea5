import tensorflow as tf

tf.random.set_seed(1)
weights = tf.Variable(tf.random.normal([3, 3]))


@tf.function
def through(rows):
    for _ in tf.range(2):
        if tf.reduce_sum(rows) > -100.0:
            rows = tf.tanh(tf.matmul(rows, weights))
    return rows


@tf.function
def apart():
    rows = tf.TensorArray(tf.float32, 8)
    _, rows = tf.while_loop(
        lambda n, _: n < 8, lambda n, rows: (n + 1, rows.write(n, tf.cast(n, tf.float32) ** 0.3)), (0, rows)
    )
    return rows.stack()


with tf.GradientTape() as tape:
    loss = tf.reduce_sum(through(tf.ones([2, 3])))
print(loss.numpy(), tape.gradient(loss, weights).numpy().tobytes().hex(), apart().numpy().tobytes().hex())

tf.debugging.enable_check_numerics()  # a callback of the program's own, beside the recorder's
print(tf.function(lambda rows: tf.tanh(rows) * 2.0)(tf.ones([3])).numpy())
