import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])  # guilty: Keras seeds it from `random`
print(float(tf.reduce_sum(model(tf.ones([1, 4])))))
