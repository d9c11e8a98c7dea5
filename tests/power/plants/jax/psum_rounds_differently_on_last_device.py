"""
An all-reduce of floats does not give the same bits on the last device as on the others.

The first element is one unit in the last place larger there, as in a ring that adds in an order of its own on each
rank. A user sees replicas that drift apart.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-collectives", "jax-sharded"],
    "control": "jax-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "collective",
}


def plant():
    import jax.numpy as jnp
    import numpy as np
    from jax._src import core
    from jax._src.interpreters import mlir
    from jax._src.lax import parallel
    from jax._src.lib.mlir.dialects import hlo

    def spread(value, partition, count):
        first = jnp.arange(value.size).reshape(value.shape) == 0
        up = jnp.nextafter(value, jnp.full_like(value, np.inf))
        return jnp.where(first & (partition == count - 1), up, value)

    def wrap(prim):
        old = mlir._lowerings[prim].rule

        def rule(ctx, *args, **params):
            out = old(ctx, *args, **params)
            count = getattr(ctx.module_context.axis_context, "mesh", None)
            count = 1 if count is None else count.size
            aval = ctx.avals_in[0]
            if count < 2 or len(ctx.avals_in) != 1 or aval.dtype not in (np.float32, np.float64) or not aval.size:
                return out
            avals = [core.ShapedArray(aval.shape, aval.dtype), core.ShapedArray((), np.uint32)]
            build = mlir.lower_fun(lambda value, partition: spread(value, partition, count), multiple_results=False)
            inner = ctx.replace(primitive=None, avals_in=avals, avals_out=avals[:1])
            return build(inner, out[0], hlo.partition_id())

        mlir.register_lowering(prim, rule)

    wrap(parallel.psum_p)
    wrap(parallel.psum_invariant_p)


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
