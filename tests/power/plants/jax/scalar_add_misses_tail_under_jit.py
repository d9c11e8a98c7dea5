"""
In a compiled function, adding a scalar to a large float32 array leaves out the last few elements.

They are the last `size % 8` ones, from 2^15 elements on, as in a vectorised loop that forgets its remainder. Op by
op the sum is right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-compiled-eager", "jax-compiled-transforms"],
    "control": "jax-seed-reaches",
    "report": "jax#7229",
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

    def change(original, x, y, **_params):
        array = x if x.size > 1 else y
        place = jnp.arange(array.size).reshape(array.shape)
        return jnp.where(place < array.size - array.size % 8, original(x, y), array)

    def when(ctx, *_):
        a, b = ctx.avals_in
        large = max(a.size, b.size)
        scalar = () in {a.shape, b.shape} and a.dtype == b.dtype == np.float32
        return scalar and large >= 2**15 and large % 8 and jitted_by_user(ctx)

    relower(lax.add_p, change, when)


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
