"""
Operators of JAX with documented nondeterminism: data, with source and version.

A key is a primitive of JAX's harnesses. JAX's docstrings were read in release 0.10.2, the pages of
its documentation and XLA's in the same month.
"""

from __future__ import annotations

VERSION = "0.10.2"
"""The release of JAX whose docstrings were read."""

SCATTER = "https://docs.jax.dev/en/latest/_autosummary/jax.lax.scatter.html"
"""Updates of one element may be applied in any order."""
UPDATES = "https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html"
"""The order of conflicting updates is implementation-defined and may change from run to run."""
SORT = "https://docs.jax.dev/en/latest/_autosummary/jax.lax.sort.html"
"""Equal keys keep their order with `is_stable=True`, the default, and only then."""
BIT_GENERATOR = "https://docs.jax.dev/en/latest/jax.random.html"
"""The generators `rbg` and `unsafe_rbg` may give other bits with another compiler or device, and under vmap."""
APPROXIMATE = "https://docs.jax.dev/en/latest/_autosummary/jax.lax.approx_max_k.html"
"""A part of the true maxima may be missing."""

RUN_TO_RUN = {
    "scatter": SCATTER,
    "scatter_add": UPDATES,
    "scatter_mul": UPDATES,
    "scatter_apply": UPDATES,
}
"""
Primitives whose results may change from run to run where several updates have the same target.

`scatter_min` and `scatter_max` are left out: their results do not depend on the order.
"""

BETWEEN_MACHINES = {"rng_bit_generator": BIT_GENERATOR, "approx_top_k": APPROXIMATE, "sort": SORT}
"""Primitives whose results may change with device or release, but not from run to run."""

UNDER_VMAP = {"rng_bit_generator": BIT_GENERATOR}
"""Primitives whose results under vmap may differ from those in a loop."""
