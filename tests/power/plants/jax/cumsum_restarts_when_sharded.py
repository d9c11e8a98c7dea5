"""
A cumulative sum in a program for several devices starts again at the middle of the summed axis.

It looks as if each of two shards had been summed by itself. On one device it is right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-sharded", "jax-compiled-transforms"],
    "control": "jax-seed-reaches",
    "report": "jax#21403",
    "subtle": True,
    "kind": "collective",
}


def relower(prim, change, when=lambda *_: True):
    """Compile prim as change(original, *operands, **params) on the CPU, where `when` says so."""
    from jax._src import core
    from jax._src.interpreters import mlir

    old = (mlir._platform_specific_lowerings["cpu"].get(prim) or mlir._lowerings[prim]).rule
    clone = core.Primitive(prim.name)
    clone.multiple_results, clone.abstract_eval = prim.multiple_results, prim.abstract_eval
    mlir.register_lowering(clone, old)

    def traced(*args, **params):
        return change(lambda *operands: clone.bind(*operands, **params), *args, **params)

    new = mlir.lower_fun(traced, multiple_results=prim.multiple_results)
    mlir.register_lowering(
        prim, lambda ctx, *args, **params: (new if when(ctx, *args) else old)(ctx, *args, **params), platform="cpu"
    )


def plant():
    import jax.numpy as jnp
    from jax._src import sharding_impls
    from jax._src.lax.control_flow import loops

    def change(original, x, *, axis, reverse):
        half = x.shape[axis] // 2
        total = jnp.moveaxis(original(x), axis, 0)
        place = jnp.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - 1))
        other = (place < half, total[half]) if reverse else (place >= half, total[half - 1])
        return jnp.moveaxis(jnp.where(other[0], total - other[1], total), 0, axis)

    def when(ctx, *_):
        context = ctx.module_context.axis_context
        several = isinstance(context, sharding_impls.ShardingContext) and context.num_devices > 1
        return several and ctx.avals_in[0].size and max(ctx.avals_in[0].shape) > 1

    relower(loops.cumsum_p, change, when)


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
