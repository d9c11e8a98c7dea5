"""
Draws that are vectorised over a batch of keys come all from the first key.

`vmap(normal)(keys)` equals `normal(keys[0], shape=(n,))`. JAX documents this for its "rbg" generators; here the
default generator does it too.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-random-under-compile", "jax-transforms"],
    "control": "jax-seed-reaches",
    "report": "jax#22684",
    "subtle": True,
    "kind": "transform",
}


def plant():
    from jax._src.interpreters import batching
    from jax._src.random import prng

    original = batching.fancy_primitive_batchers[prng.random_bits_p]

    def batch(axis_data, args, dims, **params):
        (keys,), (dim,) = args, dims
        if dim is None or keys.ndim != 1:
            return original(axis_data, args, dims, **params)
        shape = (keys.shape[0], *params["shape"])
        return prng.random_bits_p.bind(keys[0], bit_width=params["bit_width"], shape=shape), 0

    batching.fancy_primitive_batchers[prng.random_bits_p] = batch


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
