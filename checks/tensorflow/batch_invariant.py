"""
A row's result is the same, up to rounding, whatever the size of its batch.

Why: kernels are chosen by size and split over threads by rows, and another kernel sums in another order. A result then
depends on the other requests in the batch (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0). The
check compares rows of dense, norm, softmax, attention, recurrent and convolution layers in batches of 2, 5 and 64 with
the same row in a batch of 1. Differences within rounding are recorded with their size and do not fail, because nobody
promises equal bits. Larger ones fail.

Remedy: for equal bits always compute batches of one size, filled up with padding. For differences beyond rounding, the
finding names the layer: report it to TensorFlow, and export `TF_ENABLE_ONEDNN_OPTS=0` if the finding says that oneDNN
explains it.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _blocks

CHECK = Check(tier="full", rule="within", explains=("onednn-off", "one-thread"))
SIZES = (2, 5, 64)


def measure(settings):
    """Agreement of the first row in each batch with the same row alone, against float64."""
    given, reading = _blocks.given(), {}
    for name, (kind, layer) in _blocks.layers().items():
        alone, reference = layer(given[kind][:1], given), _blocks.exact(name, 1)
        for size in SIZES:
            row = layer(given[kind][:size], given)[:1]
            reading["%s, 1 of %d" % (name, size)] = agreement(alone, row, reference, _blocks.WIDTH)
    return reading
