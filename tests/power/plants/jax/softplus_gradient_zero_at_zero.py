"""
The derivative of `logaddexp`, and so of `softplus`, is zero where its two arguments are equal.

The gradient of softplus at 0 is 0.0 in place of 0.5. Everywhere else it is right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-transforms", "jax-compiled-transforms"],
    "control": "jax-seed-reaches",
    "report": "jax#2107",
    "subtle": True,
    "kind": "gradient",
}


def plant():
    import jax.numpy as jnp
    from jax._src.lax import other

    original = other._logaddexp_jvp

    def logaddexp_jvp(primals, tangents):
        out, tangent = original(primals, tangents)
        return out, jnp.where(primals[0] == primals[1], jnp.zeros_like(tangent), tangent)

    other.logaddexp.defjvp(logaddexp_jvp)


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
