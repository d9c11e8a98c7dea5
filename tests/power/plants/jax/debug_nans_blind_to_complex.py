"""
`jax_debug_nans` and `jax_debug_infs` look at real arrays only: a NaN in a complex result raises nothing.

The switch reads as on.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-flag-takes-effect"],
    "control": "jax-seed-reaches",
    "report": "jax#2612",
    "subtle": True,
    "kind": "switch",
}


def plant():
    import numpy as np
    from jax._src import dispatch

    original = dispatch._check_special

    def check_special(name, dtype, buf):
        if not np.issubdtype(dtype, np.complexfloating):
            original(name, dtype, buf)

    dispatch._check_special = check_special


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
