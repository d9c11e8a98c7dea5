import jax
import jax.numpy as jnp
import numpy


def noise(values):
    drawn = numpy.random.rand(*values.shape)  # guilty: compiled code calls back what draws without a seed
    return drawn.astype(values.dtype)


@jax.jit
def step(values):
    scaled = jnp.tanh(values) * 2
    added = jax.pure_callback(noise, jax.ShapeDtypeStruct(values.shape, values.dtype), scaled)
    return jnp.sum(scaled + added)


print(float(step(jnp.arange(4.0))))
print(float(step(jnp.arange(4.0))))
