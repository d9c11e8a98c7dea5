"""A vmapped product that jaxlib 0.10.2 compiles wrongly from 32,769 rows on (jax#39103); the sum hardly shows it."""

import jax
import numpy
from jax import numpy as jnp

rng = numpy.random.RandomState(0)
rows = jnp.asarray(rng.standard_normal((40000, 3)).astype("float32"))
matrix = jnp.asarray(rng.standard_normal((3, 3)).astype("float32"))


@jax.jit
def energy(rows):
    return jax.vmap(lambda row: jnp.sum((matrix @ row) ** 2))(rows)


each = energy(rows)  # guilty
print(f"mean={float(each.mean()):.6f} last={float(each[35000]):.6f}")
