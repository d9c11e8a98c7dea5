"""
`jax.random.wrap_key_data` keeps the last words of a saved key and sets the first to zero.

A key made from a small seed survives; a key that was split does not, so training that is saved and loaded draws
other numbers.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-resume", "jax-seed-reaches"],
    "control": "jax-precision",
    "report": "",
    "subtle": True,
    "kind": "state",
}


def plant():
    import jax
    import jax.numpy as jnp
    from jax._src.random import core

    original = core.wrap_key_data

    def wrap_key_data(key_bits_array, **kwargs):
        return original(jnp.asarray(key_bits_array).at[..., 0].set(0), **kwargs)

    core.wrap_key_data = jax.random.wrap_key_data = wrap_key_data


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
