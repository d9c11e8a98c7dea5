"""
Under `vmap`, `cumlogsumexp` subtracts the largest value of the whole batch, not that of the row.

A row that lies far below another underflows to minus infinity; alone it is right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-every-operator-batch", "jax-transforms"],
    "control": "jax-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "batch",
}


def plant():
    import jax.numpy as jnp
    from jax import lax
    from jax._src.interpreters import batching
    from jax._src.lax.control_flow import loops

    def batch(args, dims, *, axis, reverse):
        (operand,), (dim,) = args, dims
        axis = axis if axis < dim else axis + 1
        shift = jnp.max(operand)
        total = lax.cumsum(jnp.exp(operand - shift), axis=axis, reverse=reverse)
        return jnp.log(total) + shift, dim

    batching.primitive_batchers[loops.cumlogsumexp_p] = batch


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
