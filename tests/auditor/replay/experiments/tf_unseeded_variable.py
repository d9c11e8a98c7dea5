import tensorflow as tf

table = tf.Variable(tf.random.normal([1000]))  # guilty: nothing seeds it


@tf.function
def step():
    table.assign_add(tf.ones([1000]))
    table.assign(table * 0.5)


for _ in range(3):
    step()
print(table.numpy().sum())
