import tensorflow as tf

tf.random.set_seed(0)  # of no use to generators
generator = tf.random.get_global_generator()  # guilty: it is made from the system's entropy
print(generator.normal([3]).numpy() + tf.random.normal([3]).numpy())
