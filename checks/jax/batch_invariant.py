"""
A row's result is the same whatever the size of the batch that it stands in, up to rounding.

Why: kernels are chosen by size, and another kernel adds up in another order: an answer then depends on who else was
asking (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0). Rows of linear, norm, softmax,
attention and convolution layers are compared in batches of 1, 2, 5 and 64, compiled, with the row in a batch of 1. What
stays within rounding is told with its size, and is no failure, since nobody promises equal bits; more is.

Remedy: for equal bits always compute batches of one size, filled up with padding. For more than rounding, the finding
names the layer: report it, and update jaxlib.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _layers

CHECK = Check(severity="medium", tier="quick", rule="within", explains=("one-thread", "memory-fill"), compiles=True)
SIZES = (2, 5, 64)


def measure(settings):
    """Agreement of the first row in each batch with the same row alone, against float64."""
    import jax

    given, given_rows, reading = _layers.weights(), _layers.inputs(max(SIZES)), {}
    for name, (kind, layer) in _layers.layers().items():
        run = jax.jit(layer)
        alone, reference = run(given_rows[kind][:1], given), _layers.exact(layer, given_rows[kind][:1], given)
        for size in SIZES:
            row = run(given_rows[kind][:size], given)[:1]
            reading["%s, 1 of %d" % (name, size)] = agreement(alone, row, reference, _layers.WIDTH)
    return reading
