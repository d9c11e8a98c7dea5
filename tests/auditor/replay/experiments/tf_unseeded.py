import tensorflow as tf

weights = tf.ones([3])
noise = tf.random.normal([3])  # guilty: nothing seeds TensorFlow
print(float(tf.reduce_sum(weights * noise)))
