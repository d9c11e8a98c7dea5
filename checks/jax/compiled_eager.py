"""
`jax.jit` agrees with op-by-op execution up to rounding.

Why: the compiler fuses, reorders and rewrites. This may change rounding but must not change the result otherwise. It
did: a floor division in a loop, a padded row read back as garbage, a derivative of 0 instead of -1 (jax#9604,
jax#39120, xla#13054), a vmapped product that is wrong from 16,385 rows on (jax#39103, jaxlib 0.10.2). The check
compares compiled and eager results with float64, computed by NumPy, to tell rounding from error. Some small fusions
have sizes beside powers of two, where compilers change their code; jax-compiled-sizes has the rest of them.

Remedy: for wrong fusions (names such as `vmap 16385x3 float64`) on jaxlib 0.10.2, use 0.10.1 or a later release, or
export `XLA_FLAGS=--xla_cpu_experimental_ynn_fusion_type=` (empty), which was measured to cure them. For other values,
compute what the finding names outside of `jax.jit`, or with `XLA_FLAGS=--xla_backend_optimization_level=1`. Report it,
and update jaxlib.
"""

from __future__ import annotations

from .. import fusions
from ..agreement import agreement
from ..declare import Check
from ..parts import asked
from . import _fusions, _model, _reference

CHECK = Check(
    tier="quick",
    rule="within",
    explains=("one-thread", "memory-fill"),
    compiles=True,
)
REDUCTION = 3 * _model.WIDTH * _model.LENGTH * _model.ROWS
"""Elements summed behind a gradient: a convolution's window over all rows and positions."""
GRADIENT = "gradient of %s"
PROGRAMS = ("padded blocks", "floor division in a loop", "derivative at a tie", "variance")
"""The names in `_programs`."""


def measure(settings):
    """Agreement of loss, gradients, programs that were miscompiled before, and fusions: compiled against op by op."""
    inputs = _inputs()
    values = inputs[0]
    names = [fusions.name(*cell) for cell in fusions.QUICK]
    parts = (
        (("loss", *map(GRADIENT.__mod__, values)), lambda: _network(inputs)),
        (PROGRAMS, lambda: _compared_programs(values["dense"][0])),
        (names, lambda: _fusions.readings(fusions.QUICK)),
    )
    return dict(asked(parts, settings), conditions=fusions.conditions(fusions.QUICK))


def _network(inputs):
    import jax

    compiled, eager = jax.jit(_gradients)(*inputs), _gradients(*inputs)
    return _agreements(eager, compiled, _reference.gradients(*inputs))


def _compared_programs(matrix):
    import jax

    compiled = jax.jit(_programs)(matrix)
    with jax.disable_jit():
        one_by_one = _programs(matrix)
    return _agreements(one_by_one, compiled, _reference.programs(matrix))


def _agreements(eager, compiled, exact):
    return {name: agreement(eager[name], compiled[name], exact[name], REDUCTION) for name in exact}


def _inputs():
    """Parameters (float32) and a batch from a separate NumPy generator: JAX draws nothing."""
    import numpy

    stack = (0.3 * numpy.random.RandomState(3).standard_normal((9, _model.WIDTH, _model.WIDTH))).astype("float32")
    return ({layer: stack[place] for layer, place in _model.LAYERS.items()}, *_model.batch(3))


def _gradients(values, words, classes):
    """The model's loss and the gradients of its layers."""
    import jax

    values = {layer: jax.numpy.asarray(array) for layer, array in values.items()}
    lost, gradients = jax.value_and_grad(_model.loss)(values, words, classes)
    return dict({GRADIENT % layer: array for layer, array in gradients.items()}, loss=lost)


def _programs(matrix):
    """Small programs of kinds that were miscompiled before."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    padded = jnp.pad(matrix, ((0, 1), (0, 0)))
    divided = lax.fori_loop(1, 3, lambda at, value: value // jnp.asarray([2, 2, -3])[at], jnp.asarray(2))
    return {
        "padded blocks": lax.map(lambda start: lax.dynamic_slice(padded, (start * 4, 0), (5, 16)), jnp.arange(4)),
        "floor division in a loop": divided.astype("float32"),
        "derivative at a tie": jax.grad(lambda x: jnp.maximum(x, 0 * x).sum())(jnp.zeros(3)),
        "variance": jnp.asarray(matrix).var(0),
    }
