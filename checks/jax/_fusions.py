"""The fusions of `checks/fusions.py` in JAX, op by op and compiled."""

from __future__ import annotations

from .. import fusions
from . import _state


def readings(chosen):
    """Agreement of compiled and op-by-op results for these cells, with 64-bit types and products in full precision."""
    with _state.switched("jax_enable_x64", True), _state.switched("jax_default_matmul_precision", "highest"):
        return fusions.compared(chosen, _eager, {"": _compiled})


def _compiled(given):
    """All cells in one program: one compilation, in which each is a fusion of its own."""
    import jax

    chosen = [case[0] for case in given]
    return jax.jit(lambda arrays: [_programs(names, *pair) for names, pair in zip(chosen, arrays)])(
        [case[1:] for case in given]
    )


def _eager(given):
    import jax

    with jax.disable_jit():
        return [_programs(names, jax.numpy.asarray(rows), jax.numpy.asarray(matrix)) for names, rows, matrix in given]


def _programs(names, rows, matrix):
    import jax
    from jax import lax
    from jax import numpy as jnp

    programs = {
        "elementwise": lambda: jnp.tanh(rows) * rows + jnp.exp(-rows * rows),
        "reduction": lambda: (rows * rows + 1).sum(0),
        "dot": lambda: jnp.maximum(rows @ matrix.T, 0) + 1,
        "vmap": lambda: jax.vmap(lambda row: jnp.sum((matrix @ row) ** 2))(rows),
        "scan": lambda: lax.scan(
            lambda carry, column: (jnp.tanh(carry * 0.5 + column), None), jnp.zeros_like(rows[:, 0]), rows.T
        )[0],
    }
    return {name: programs[name]() for name in names}
