"""
In one process of four, normal draws of float32 have other last bits.

All beyond about half a standard deviation are larger by some units in the last place, as if another approximation
of the inverse error function had been chosen at start. The same seed gives the same bits again in one process, and
other bits in some others.
"""

import importlib.util
import random
import sys
import types

PLANT = {
    "contracts": ["jax-same-seed", "jax-compiled-repeat"],
    "control": "jax-seed-reaches",
    "report": "jax#4823",
    "subtle": True,
    "kind": "seed",
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
    import numpy as np
    from jax._src.lax import special

    def change(original, x, **_params):
        y = original(x)
        return jnp.where(jnp.abs(y) > 0.35, y * np.float32(1 + 2**-21), y)

    if random.SystemRandom().random() < 0.25:
        relower(special.erf_inv_p, change, lambda ctx, *_: ctx.avals_in[0].dtype == np.float32)


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
