"""Facts about a JAX process after its work: the libraries that it loaded and its switches, read again."""

from __future__ import annotations

from .. import fact
from . import _maps, jax

FRAMEWORK = "jax"
WHEN = "after"

AGAIN = (
    *("jax_enable_x64", "jax_default_matmul_precision", "jax_default_prng_impl", "jax_threefry_partitionable"),
    *("jax_numpy_dtype_promotion", "jax_random_seed_offset", "jax_disable_jit", "jax_platforms", "jax_num_cpu_devices"),
    *("jax_enable_compilation_cache", "jax_optimization_level", "jax_use_shardy_partitioner", "jax_debug_nans"),
)
"""Switches that a library may change during the run, so that the final value may differ from the first."""

SWITCHES = {"jax.after." + name: jax.PROBES["jax.config." + name] for name in AGAIN}
LIBRARIES = _maps.probes(FRAMEWORK)
KEYS = dict(fact.keys(SWITCHES), **fact.keys(LIBRARIES))


def collect(request):
    """Libraries and switches."""
    yield from fact.answers(LIBRARIES, request)
    yield from fact.answers(SWITCHES)
