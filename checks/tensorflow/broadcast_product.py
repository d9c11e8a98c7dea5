"""
A batch of matrices times one matrix is right in every call and does not crash the process.

Why: with oneDNN and more than one thread, `tf.matmul` of shapes like [4, 1, 24, 32] and [32, 32] accesses memory out of
bounds: rows come out as zeros or as other numbers, change from call to call, or the process dies later with a corrupted
heap (tensorflow#123109, tensorflow#117700, uxlfoundation/oneDNN#4396; seen with TensorFlow 2.21 on CPU).
`tf.vectorized_map` turns ordinary products into such products. The factors are small integers, so there is one right
answer. The check computes the products in separate processes and records a crash as a value.

Remedy: export `TF_ENABLE_ONEDNN_OPTS=0`. Or use a TensorFlow that contains PR#120199, or write such a product with
`tf.einsum`, or reshape the axis of length 1 away.
"""

from __future__ import annotations

from ..declare import Check
from ..process import child
from . import _state

CHECK = Check(
    tier="full",
    rule="expected",
    requires={"threads": 2},
    remedy_env={"TF_ENABLE_ONEDNN_OPTS": "0"},
)
SHAPES = {
    "1 x 24 x 32 stacked 4 times, with one matrix": ((4, 1, 24, 32), (32, 32)),
    "1 x 16 x 16 stacked 8 times, with one matrix": ((8, 1, 16, 16), (16, 16)),
    "1 x 24 x 32 stacked 4 times, with 1 x 1 x 32 x 32": ((4, 1, 24, 32), (1, 1, 32, 32)),
    "24 x 32 stacked 4 times, with one matrix": ((4, 24, 32), (32, 32)),
}
CALLS = 10
ON_CPU = {"CUDA_VISIBLE_DEVICES": ""}
"""The fault is in CPU kernels, and the parent process holds the GPU's memory."""
RIGHT, WRONG, DIED = "right in all calls", "wrong numbers", "the process of all products died"


def measure(settings):
    """For each pair of shapes, the outcome of all calls, which share a process."""
    try:
        found = child.run("tensorflow.broadcast_product.products", list(SHAPES.values()), ON_CPU)
    except child.ChildFailed as failed:
        if "ended with -" not in str(failed):  # no signal: the child failed otherwise
            raise
        found = [DIED] * len(SHAPES)
    values = {name: {"expected": RIGHT, "observed": seen} for name, seen in zip(SHAPES, found)}
    return dict(values, conditions={"threads": min(_state.threads(), _state.processors())})


def products(pairs):
    """In the child: for each pair of shapes, whether all calls were right."""
    import numpy
    import tensorflow as tf

    draws, found = numpy.random.RandomState(12310), []
    for shapes in pairs:
        left, right = (draws.randint(-9, 10, shape).astype("float32") for shape in shapes)
        results = [tf.matmul(left, right).numpy() for _ in range(CALLS)]
        found.append(RIGHT if all((result == left @ right).all() for result in results) else WRONG)
    return found
