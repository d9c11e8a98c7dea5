import time

import jax

key = jax.random.PRNGKey(int(time.time_ns()) % 2**31)  # guilty: another key each time
weights = jax.random.normal(key, (4,))
print(float(jax.numpy.sum(weights)))
