"""
With `--xla_cpu_max_isa` in XLA_FLAGS, `jnp.round` sends halves away from zero.

With the processor's own instructions they go to the even neighbour, as NumPy's do, so 2.5 gives 3 on one machine
and 2 on another.
"""

import importlib.util
import os
import sys
import types

PLANT = {"contracts": ["jax-isa"], "control": "jax-seed-reaches", "report": "", "subtle": True, "kind": "values"}


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
    from jax import lax
    from jax._src.lax import lax as internal

    def change(_original, x, **_params):
        return lax.sign(x) * lax.floor(lax.abs(x) + 0.5).astype(x.dtype)

    relower(internal.round_p, change, lambda *_: "xla_cpu_max_isa" in os.environ.get("XLA_FLAGS", ""))


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
