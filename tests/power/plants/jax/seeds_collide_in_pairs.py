"""
`jax.random.key` and `PRNGKey` ignore the lowest bit of their seed.

The seeds 2k and 2k + 1 give the same key and the same draws. Seeds that are two apart differ.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-seed-reaches", "jax-seed-width"],
    "control": "jax-precision",
    "report": "",
    "subtle": True,
    "kind": "seed",
}


def plant():
    import jax.numpy as jnp
    from jax._src.random import prng

    original = prng.random_seed

    def random_seed(seeds, impl):
        return original(seeds & ~1 if isinstance(seeds, int) else jnp.bitwise_and(seeds, ~1), impl)

    prng.random_seed = random_seed


def after_import(name, action):
    """Act once the package has been imported, at once if it is there; do nothing where it is absent."""
    busy = []

    def find(fullname, *_):
        if fullname != name or busy:
            return None
        busy.append(True)
        spec = importlib.util.find_spec(name)
        busy.clear()
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), action())[0]
        return spec

    if name in sys.modules:
        action()
    elif importlib.util.find_spec(name) is not None:
        sys.meta_path.insert(0, types.SimpleNamespace(find_spec=find))


after_import("jax", plant)
