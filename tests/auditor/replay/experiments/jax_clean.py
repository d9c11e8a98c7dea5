import jax
import jax.numpy as jnp
import numpy


def loss(weights, batch):
    inputs, targets = batch
    return jnp.mean((jnp.tanh(inputs @ weights) - targets) ** 2)


@jax.jit
def epoch(weights, batches):
    def step(weights, batch):
        value, slope = jax.value_and_grad(loss)(weights, batch)
        return weights - 0.1 * slope, value

    return jax.lax.scan(step, weights, batches)


key = jax.random.key(0)
key, first, second, third = jax.random.split(key, 4)
weights = jax.random.normal(first, (8, 4))
batches = jax.random.normal(second, (5, 16, 8)), jax.random.normal(third, (5, 16, 4))
weights, losses = epoch(weights, batches)
scale = jnp.asarray(numpy.arange(4.0, dtype=numpy.float32))
slope = jax.grad(lambda w: jnp.sum(jnp.sin(w) * scale))(weights)
spread = jax.vmap(lambda row: jnp.dot(row, row))(slope)
print(float(losses[-1]), numpy.asarray(spread).tobytes().hex(), spread.tolist(), losses[0].item())
compiled = jax.jit(lambda values: values * 2).lower(spread).compile()
moved = jax.device_put(numpy.ones(3, numpy.float32))
print(float(compiled(spread).sum()), moved.sum().item(), bool(moved.all()), int(moved[0]))
