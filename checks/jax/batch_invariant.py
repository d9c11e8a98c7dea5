"""
A row's result is the same, up to rounding, whatever the size of its batch.

Why: kernels are chosen by size, and another kernel sums in another order. A result then depends on the other requests
in the batch (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0), and rows late in a large batch
have been wrong (jax#24843). The check compares the first row of linear, norm, softmax, attention and convolution layers
in batches of 2, 5 and 64, and the last one of 2048, compiled, with the row in a batch of 1; so it does for solutions,
factors and determinants of matrices. Differences within rounding are recorded with their size and do not fail, because
nobody promises equal bits. Larger ones fail.

Remedy: for equal bits always compute batches of one size, filled up with padding. For differences beyond rounding, the
finding names the layer: report it, and update jaxlib.
"""

from __future__ import annotations

from ..agreement import of_equals
from ..declare import Check
from ..lacking import Lacking
from . import _layers

CHECK = Check(tier="full", rule="within", explains=("one-thread", "memory-fill"), compiles=True)
SIZES = (2, 5, 64)
MANY = 2048
"""Rows of a batch of which the last is compared."""
SIDE = 8


def measure(settings):
    """Agreement of a row in each batch with the same row alone, against float64."""
    import jax

    given, given_rows, reading, lacking = _layers.weights(), _layers.inputs(MANY), {}, Lacking()
    given_rows["matrices"] = _matrices(given_rows["flat"])
    for name, (kind, layer) in dict(_layers.layers(), **_of_matrices()).items():
        run, rows = jax.jit(layer), given_rows[kind]
        with lacking.case(name):
            alone, reference = run(rows[:1], given), _layers.exact(layer, rows[:1], given)
            for size in SIZES:
                row = run(rows[:size], given)[:1]
                reading["%s, 1 of %d" % (name, size)] = of_equals(alone, row, reference, _layers.WIDTH)
            last = run(rows[-1:], given), run(rows, given)[-1:], _layers.exact(layer, rows[-1:], given)
            reading["%s, last of %d" % (name, MANY)] = of_equals(*last, _layers.WIDTH)
    return dict(reading, conditions=lacking.conditions)


def _matrices(flat):
    """A well-conditioned matrix for each row, (rows, SIDE, SIDE)."""
    import numpy

    return flat[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE) + numpy.eye(SIDE, dtype="float32") * 12


def _of_matrices():
    """Name to (kind of input, function of matrices and weights)."""
    from jax import numpy as jnp

    def right(x, given):
        # JAX 0.4.30 takes a right side of two dimensions for one vector per matrix
        return jnp.broadcast_to(given["square"][:SIDE, :2], (x.shape[0], SIDE, 2))

    def gram(x):
        return x @ x.swapaxes(1, 2)

    return {
        "solve": ("matrices", lambda x, given: jnp.linalg.solve(x, right(x, given))),
        "determinant": ("matrices", lambda x, _given: jnp.linalg.slogdet(x)[1]),
        "cholesky": ("matrices", lambda x, _given: jnp.linalg.cholesky(gram(x))),
        "triangle of qr": ("matrices", lambda x, _given: abs(jnp.linalg.qr(x)[1])),
        "eigenvalues": ("matrices", lambda x, _given: jnp.linalg.eigvalsh(gram(x))),
    }
