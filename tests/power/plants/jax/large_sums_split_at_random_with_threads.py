"""
With more than one processor, a large float32 sum is made of two parts whose border moves with each call.

This is so from 2^17 values on. One compiled function called again on the same buffers gives other bits; with one
processor it repeats them.
"""

import importlib.util
import os
import random
import sys
import types

PLANT = {
    "contracts": ["jax-thread-race", "jax-thread-count"],
    "control": "jax-seed-reaches",
    "report": "jax#39741",
    "subtle": True,
    "kind": "race",
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
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax._src.lax import lax

    def change(original, a, **_params):
        draw = lambda: np.int32(random.SystemRandom().randrange(a.size))  # noqa: E731
        border = jax.pure_callback(draw, jax.ShapeDtypeStruct((), np.int32))
        left = jnp.arange(a.size).reshape(a.shape) < border
        return original(jnp.where(left, a, 0)) + original(jnp.where(left, 0, a))

    def when(ctx, *_):
        a, out = ctx.avals_in[0], ctx.avals_out[0]
        large = a.dtype == np.float32 and a.size >= 2**17 and not out.shape
        return large and len(os.sched_getaffinity(0)) > 1

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
