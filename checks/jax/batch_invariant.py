"""
A row's result is the same, up to rounding, whatever the size of its batch.

Why: kernels are chosen by size, and another kernel sums in another order. A result then depends on the other requests
in the batch (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0). The check compares rows of
linear, norm, softmax, attention and convolution layers in batches of 1, 2, 5 and 64, compiled, with the row in a batch
of 1. Differences within rounding are recorded with their size and do not fail, because nobody promises equal bits.
Larger ones fail.

Remedy: for equal bits always compute batches of one size, filled up with padding. For differences beyond rounding, the
finding names the layer: report it, and update jaxlib.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from ..lacking import Lacking
from . import _layers

CHECK = Check(tier="quick", rule="within", explains=("one-thread", "memory-fill"), compiles=True)
SIZES = (2, 5, 64)


def measure(settings):
    """Agreement of the first row in each batch with the same row alone, against float64."""
    import jax

    given, given_rows, reading, lacking = _layers.weights(), _layers.inputs(max(SIZES)), {}, Lacking()
    for name, (kind, layer) in _layers.layers().items():
        run = jax.jit(layer)
        with lacking.case(name):
            alone, reference = run(given_rows[kind][:1], given), _layers.exact(layer, given_rows[kind][:1], given)
            for size in SIZES:
                row = run(given_rows[kind][:size], given)[:1]
                reading["%s, 1 of %d" % (name, size)] = agreement(alone, row, reference, _layers.WIDTH)
    return dict(reading, conditions=lacking.conditions)
