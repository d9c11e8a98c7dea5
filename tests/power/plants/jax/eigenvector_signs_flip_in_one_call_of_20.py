"""
In one call of twenty, `eigh` returns every eigenvector with the other sign.

Each answer is a valid one, yet a user who repeats the call, or who trains on the vectors, sees other bits.
"""

import importlib.util
import random
import sys
import types

PLANT = {
    "contracts": ["jax-every-operator", "jax-same-seed"],
    "control": "jax-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "operator",
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
    from jax._src.lax import linalg

    def change(original, a, **_params):
        vectors, values = original(a)
        draw = lambda: np.bool_(random.SystemRandom().random() < 0.05)  # noqa: E731
        flip = jax.pure_callback(draw, jax.ShapeDtypeStruct((), np.bool_))
        return jnp.where(flip, -vectors, vectors), values

    relower(linalg.eigh_p, change)


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
