"""
A large scatter-add of float32 values adds in another order in every call.

From 2^15 values on, the sums of `histogram` with weights, `segment_sum` and `.at[].add` differ in their last bits
from call to call.
"""

import importlib.util
import random
import sys
import types

PLANT = {
    "contracts": ["jax-thread-race", "jax-every-operator"],
    "control": "jax-seed-reaches",
    "report": "jax#28783",
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
    from jax._src.lax import slicing

    def change(original, operand, indices, updates, **_params):
        draw = lambda: np.int32(random.SystemRandom().randrange(updates.shape[0]))  # noqa: E731
        start = jax.pure_callback(draw, jax.ShapeDtypeStruct((), np.int32))
        order = (jnp.arange(updates.shape[0]) + start) % updates.shape[0]
        return original(operand, indices[order], updates[order])

    def when(ctx, *_):
        operand, indices, updates = ctx.avals_in
        flat = operand.ndim == updates.ndim == 1 and indices.shape == (*updates.shape, 1)
        return flat and updates.size >= 2**15 and operand.dtype == np.float32

    relower(slicing.scatter_add_p, change, when)


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
