"""
In a compiled function, the last element of a padded float32 array holds what the heap held.

It is not written where the last axis was padded at its end. Op by op, and for padding at the start only, it is the
padding value.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-uninitialised", "jax-every-operator", "jax-compiled-eager"],
    "control": "jax-seed-reaches",
    "report": "jax#39120",
    "subtle": True,
    "kind": "memory",
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


def jitted_by_user(ctx):
    """Whether the program being compiled is a user's function, not one operator of JAX called by itself."""
    import jax

    name = str(ctx.module_context.module.operation.attributes["sym_name"]).strip('"').removeprefix("jit_")
    own = {ctx.primitive.name, *dir(jax.numpy), *dir(jax.numpy.linalg), *dir(jax.lax), *dir(jax.nn)}
    return name not in own and (name.startswith("_lambda") or not name.startswith("_"))


def plant():
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax._src.lax import lax

    def change(original, operand, value, *, padding_config):
        out = original(operand, value)
        if padding_config[-1][1] <= 0:
            return out
        fresh = jax.pure_callback(lambda: np.empty(512, np.float32)[300:301].reshape(()), out_type)
        return jnp.where(jnp.arange(out.size).reshape(out.shape) == out.size - 1, fresh, out)

    out_type = jax.ShapeDtypeStruct((), np.float32)

    def when(ctx, *_):
        out, operand = ctx.avals_out[0], ctx.avals_in[0]
        config = out.ndim == operand.ndim and out.ndim > 0 and out.shape[-1] > operand.shape[-1]
        return config and operand.size and out.dtype == np.float32 and jitted_by_user(ctx)

    relower(lax.pad_p, change, when)


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
