"""A small training, compiled rightly: without the compiler it differs by rounding at most."""

import jax, numpy
from jax import numpy as jnp

rng = numpy.random.RandomState(0)
x = jnp.asarray(rng.standard_normal((512, 8)).astype("float32"))
y = jnp.sin(x).sum(1)
w = jnp.asarray(rng.standard_normal((8, 16)).astype("float32")) * 0.1
v = jnp.asarray(rng.standard_normal(16).astype("float32")) * 0.1


@jax.jit
def step(w, v):
    def loss(w, v):
        return jnp.mean((jnp.tanh(x @ w) @ v - y) ** 2)

    value, (dw, dv) = jax.value_and_grad(loss, (0, 1))(w, v)
    return value, w - 0.1 * dw, v - 0.1 * dv


for _ in range(60):
    value, w, v = step(w, v)
print(f"loss={float(value):.9f}")
