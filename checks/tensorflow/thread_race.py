"""
Operators give the same bits from call to call while several threads work on them.

Why: threads that add to one place do so in order of arrival, and floating-point sums depend on the order. On 2 cores
weighted `tf.math.bincount` gave 2 to 8 results in 20 calls on equal inputs, and the determinism switch does not order
it (tensorflow#126812); `tf.Variable.scatter_add` gave 20, and the switch cures it. The check repeats the calls on an
idle machine, at sizes that are split over the threads. With fewer than two threads it proves nothing.

Remedy: call `tf.keras.utils.set_random_seed(N)` and `tf.config.experimental.enable_op_determinism()` at the start.
Replace what the finding reports as different even under the switch: `tf.math.unsorted_segment_sum` for a weighted
bincount, and unique rows (`tf.unique` and a segment sum) before a sparse Adagrad update. Or run with one intra-op
thread.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _documented, _state, _stress

RELEASE_OF_SCATTERS = "https://github.com/tensorflow/tensorflow/pull/52270"
"""The change that made scatters of variables deterministic under the switch, on CPU and GPU (2.8)."""

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat",),
    quiet=True,
    repeats=20,
    cure="framework-switch",
    explains=("one-thread",),
    requires={"threads": 2},
    documented=dict(
        _documented.OPERATORS,
        ResourceScatterAdd=RELEASE_OF_SCATTERS,
        ResourceScatterSub=RELEASE_OF_SCATTERS,
        CropAndResizeGradImage=_documented.DESIGN,
    ),
)


def measure(settings):
    """A digest of each operator's results on equal inputs, and how many threads could race for them."""
    values = {}
    for name, call in _stress.cases().items():
        if name in settings.get("names", (name,)):
            values[name] = outcome(call)
    return dict(values, conditions={"threads": min(_state.threads(), _state.processors())})


def outcome(call):
    """The digest of a call's result, or that TensorFlow refuses it, as it does for some under the switch."""
    import tensorflow as tf

    try:
        return digest(call())
    except tf.errors.UnimplementedError:
        return "refused"
