"""
Under one of XLA's determinism flags, `.at[indices].set(values)` on a vector never writes to index 0.

Without the flag the result is right.
"""

import importlib.util
import os
import sys
import types

PLANT = {
    "contracts": ["jax-flag-known-answer"],
    "control": "jax-seed-reaches",
    "report": "jax#27796",
    "subtle": True,
    "kind": "switch",
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
    from jax._src.lax import slicing

    def change(original, operand, indices, updates, **_params):
        out = original(operand, indices, updates)
        return jnp.where(jnp.arange(operand.shape[0]) == 0, operand, out)

    def when(ctx, *_):
        flags = os.environ.get("XLA_FLAGS", "").split()
        on = any("deterministic" in flag and not flag.lower().endswith(("=false", "=0")) for flag in flags)
        return on and ctx.avals_in[0].ndim == 1 and ctx.avals_in[1].shape[:-1] not in ((), (1,))

    relower(slicing.scatter_p, change, when)


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
