"""
A compiled program gives the same bits in a fresh process and with a cold compile cache.

Why: each process that finds no cached program traces, lowers and optimises it again. The program may differ each time,
or run differently: one program gave 4462.2114 and 4462.2104 (xla#37902). The check compiles a training step, a scan,
and a convolution with its gradient. The finding names the first stage that differs.

Remedy: where `traced` differs, a changing value (time, process number, the order of a set) enters the traced code as a
constant. Pass it as an argument, or fix it. Where `optimised` differs, ship one compile cache to all machines
(`JAX_COMPILATION_CACHE_DIR`). Where only the `result` differs, suspect a race or a host callback: see
`jax-thread-race`.
"""

from __future__ import annotations

from ..declare import Check
from . import _model, _stages
from .compiled_eager import _inputs
from .same_seed import _step

CHECK = Check(
    tier="full",
    rule="staged",
    across=("process", "compile-cache"),
    under={"compile-cache": "own"},
)
CALLS = 5
"""Runs whose results make one digest: a race in any of them changes it."""


def measure(settings):
    """For each program: digests of the traced, lowered and optimised program, and of its results."""
    return {name: {"stages": _stages.stages(run, inputs, CALLS)} for name, (run, inputs) in _programs().items()}


def _programs():
    """Name to (program, inputs); JAX draws nothing."""
    import jax
    import numpy
    from jax import lax
    from jax import numpy as jnp

    values, words, classes = _inputs()
    zeros = {layer: numpy.zeros_like(array) for layer, array in values.items()}
    mask = numpy.random.RandomState(5).rand(_model.ROWS, _model.LENGTH, _model.WIDTH) > _model.DROPPED
    image = numpy.random.RandomState(6).standard_normal((4, 33, 33, 8)).astype("float32")

    def scan(matrix):
        return lax.scan(lambda carry, row: (jnp.tanh(matrix @ carry + row),) * 2, matrix[0], matrix)

    def convolved(filters, image):
        found = lax.conv_general_dilated(image, filters, (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return jax.nn.gelu(jax.nn.standardize(found)).mean()

    filters = numpy.random.RandomState(8).standard_normal((3, 3, 8, 16)).astype("float32")
    return {
        "training step": (_step, (values, (zeros, zeros), numpy.int32(1), (words, classes), mask)),
        "scan": (scan, (values["dense"][0],)),
        "convolution": (jax.value_and_grad(convolved, (0, 1)), (filters, image)),
    }
