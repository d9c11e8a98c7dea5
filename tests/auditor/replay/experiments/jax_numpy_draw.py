import jax.numpy as jnp
import numpy

weights = jnp.ones((4,))
noise = numpy.random.rand(4).astype(numpy.float32)  # guilty: NumPy's global generator is not seeded
print(float(jnp.dot(weights, jnp.asarray(noise))))
