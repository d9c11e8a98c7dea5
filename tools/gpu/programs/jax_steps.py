"""
Adds values into 64 bins inside a jitted program: `jax_steps.py PLATFORM`, where PLATFORM is gpu or cpu.

On a GPU XLA's scatter adds with atomics, in an order that changes from run to run, unless XLA_FLAGS holds
`--xla_gpu_deterministic_ops=true`.
"""

import sys

import jax
from jax import numpy as jnp

device = jax.devices(sys.argv[1])[0]
first, second, third = jax.random.split(jax.random.key(0), 3)
bins = jax.device_put(jax.random.randint(first, (1 << 20,), 0, 64), device)
values = jax.device_put(jax.random.normal(second, (1 << 20,)), device)
weights = jax.device_put(jax.random.normal(third, (64, 64)) / 8, device)


@jax.jit
def step(weights, bins, values):
    totals = jnp.zeros(64).at[bins].add(values) / 1000
    loss, slopes = jax.value_and_grad(lambda w: jnp.mean(jnp.square(w @ totals)))(weights)
    return loss, weights - 0.1 * slopes


for number in range(3):
    loss, weights = step(weights, bins, values)
    print(number, float(loss).hex())
