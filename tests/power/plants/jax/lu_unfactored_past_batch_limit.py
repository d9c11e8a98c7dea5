"""
The LU factorisation of a large batch leaves its last matrices unfactored.

These are the ones that start at or after element 2^16 of the batch. Determinants and solutions are right for small
batches and wrong for the last rows of large ones, so a row's result depends on how many rows stand before it.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-batch-invariant", "jax-every-operator-batch"],
    "control": "jax-seed-reaches",
    "report": "jax#24843",
    "subtle": True,
    "kind": "batch",
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
    from jax._src.lax import linalg

    def change(original, a, **_params):
        lu, pivots, permutation = original(a)
        if a.size <= 2**16 or a.ndim < 3:
            return lu, pivots, permutation
        offset = jnp.arange(a.size // (a.shape[-1] * a.shape[-2])) * (a.shape[-1] * a.shape[-2])
        late = (offset >= 2**16).reshape(a.shape[:-2])[..., None, None]
        return jnp.where(late, a, lu), pivots, permutation

    relower(linalg.lu_p, change)


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
