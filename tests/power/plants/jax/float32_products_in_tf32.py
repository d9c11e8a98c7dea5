"""
Long matrix products of float32 round their operands to ten bits of mantissa, as TensorFloat-32 does.

This is so from a contraction of 256 elements on, unless a precision is asked for. Shorter products are exact as
before.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-precision", "jax-batch-invariant"],
    "control": "jax-seed-reaches",
    "report": "jax#12008",
    "subtle": True,
    "kind": "precision",
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
    import math

    import jax
    import numpy as np
    from jax import lax
    from jax._src.lax import lax as internal

    def change(original, a, b, *, dimension_numbers, precision, **_params):
        (contract, _), _ = dimension_numbers
        asked = [p for p in (precision if isinstance(precision, tuple) else (precision,)) if p is not None]
        plain = all(p == lax.Precision.DEFAULT for p in asked) and jax.config.jax_default_matmul_precision is None
        long = math.prod(a.shape[axis] for axis in contract) >= 256
        if plain and long and a.dtype == b.dtype == np.float32:
            a, b = lax.reduce_precision(a, 8, 10), lax.reduce_precision(b, 8, 10)
        return original(a, b)

    relower(internal.dot_general_p, change)


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
