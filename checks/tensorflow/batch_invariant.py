"""
A row's result is the same whatever the size of the batch that it stands in, up to rounding.

Why: kernels are chosen by size and split over threads by rows, and another kernel adds up in another order: an answer
then depends on who else was asking (pytorch#136338, vllm#5898: 80 different texts of 1000 at temperature 0). Rows of
dense, norm, softmax, attention, recurrent and convolution layers are compared in batches of 2, 5 and 64 with the row in
a batch of 1. What stays within rounding is told with its size, and is no failure, since nobody promises equal bits;
more is.

Remedy: for equal bits always compute batches of one size, filled up with padding. For more than rounding, the finding
names the layer: try `TF_ENABLE_ONEDNN_OPTS=0` if it says that this explains it, and report it to TensorFlow.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from . import _blocks

CHECK = Check(severity="medium", tier="full", rule="within", explains=("onednn-off", "one-thread"))
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
