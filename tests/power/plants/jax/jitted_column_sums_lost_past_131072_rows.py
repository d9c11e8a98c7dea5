"""
Compiled sums over the rows of a tall float32 array are right for the first column only.

The other sums are zero, from 2^17 rows on and for 2 to 8 columns. Compiled gradients with respect to small
parameters are wrong for large data sets, and right op by op.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-compiled-transforms", "jax-compiled-eager"],
    "control": "jax-seed-reaches",
    "report": "openxla/xla#13054",
    "subtle": True,
    "kind": "compiled",
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
    import jax.numpy as jnp
    import numpy as np
    from jax._src.lax import lax

    def change(original, a, **_params):
        total = original(a)
        return jnp.where(jnp.arange(total.shape[0]) == 0, total, 0)

    def when(ctx, *_):
        a, out = ctx.avals_in[0], ctx.avals_out[0]
        tall = a.ndim == 2 and a.shape[0] >= 2**17 and out.shape == a.shape[1:] and 1 < a.shape[1] <= 8
        return tall and a.dtype == np.float32 and jitted_by_user(ctx)

    relower(lax.reduce_sum_p, change, when)


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
