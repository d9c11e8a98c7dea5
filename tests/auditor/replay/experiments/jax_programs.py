"""Programs of JAX: one that closes over an array, one with a typed key, one that calls Python, one that holds data."""

import jax
import jax.numpy as jnp
import numpy as np

secret = jnp.arange(100.0) * 1.2345678
weights = jax.random.normal(jax.random.key(0), (32, 16))
batch = jnp.ones((64, 32))


@jax.jit
def train_step(weights, batch):
    """A step of gradient descent."""
    return weights - 0.1 * jax.grad(lambda w: jnp.mean(jnp.tanh(batch @ w) ** 2) + secret.sum())(weights)


@jax.jit
def draws(key):
    """A typed key comes in, and one goes out."""
    return jax.random.normal(key, (8,)), jax.random.split(key)[0]


@jax.jit
def calls_back(x):
    """Asks Python for a value."""
    return jax.pure_callback(lambda y: np.asarray(y) * 2, jax.ShapeDtypeStruct((), jnp.float32), x)


for _ in range(3):
    weights = train_step(weights, batch)
drawn, key = draws(jax.random.key(1))
print(float(weights.sum()), float(drawn.sum()), float(calls_back(jnp.float32(2))))
