"""
`enable_op_determinism` and the thread settings take effect, before and after tracing, or raise an error.

Why: the switch promises that every operator gives the same bits each time or raises `UnimplementedError`, that unseeded
draws are refused, and that tf.data runs parallel maps with random or stateful functions in order (tensorflow#38197,
#13932; RFC community#346). Where it fails silently, users publish runs as deterministic that are not. The check tests
each promise with a known answer, at sizes that are split over threads, and reads the switch again after the work.

Remedy: call `tf.keras.utils.set_random_seed(N)` and `tf.config.experimental.enable_op_determinism()` before anything is
traced or drawn. Replace an operator that the finding names: use `tf.math.unsorted_segment_sum` for weighted
`tf.math.bincount`, and unique rows for a sparse update. Or run with one intra-op thread.
"""

from __future__ import annotations

import os

from ..declare import Check
from . import _promises, _state, _threads

CHECK = Check(
    tier="quick",
    rule="expected",
    isolates=True,
    last=True,
    requires={"threads": 2},
)


def at_start():
    """Count the threads that a runtime starts, before this process starts its own."""
    _threads.as_many_as_asked_for()


def measure(settings):
    """Each promise as `{"expected": ..., "observed": ...}`."""
    import tensorflow as tf

    reading = _thread_counts(tf)
    early = _state.op_determinism()
    if os.environ.get("TF_DETERMINISTIC_OPS", "").lower() in ("1", "true"):
        reading["switch: on by TF_DETERMINISTIC_OPS"] = _told(True, early)
    tf.random.set_seed(None)
    traced = {} if early else _traced(tf)
    tf.config.experimental.enable_op_determinism()
    reading["switch: reads on"] = _told(True, _state.op_determinism())
    for name, draw in {**_promises.unseeded(tf), **traced.pop("draws", {})}.items():
        reading["unseeded draw: %s" % name] = _told("refused", _promises.refusal(tf, draw))
    tf.random.set_seed(20)
    for name, compute in {**_promises.operators(tf), **traced.pop("operators", {})}.items():
        reading["same result: %s" % name] = _one(_promises.results(tf, compute))
    for name, build in {**_promises.pipelines(tf), **traced.pop("pipelines", {})}.items():
        reading["same rows: %s" % name] = _one(_promises.passes(build))
    reading["switch: still on after the work"] = _told(True, _state.op_determinism())
    return dict(reading, conditions={"threads": min(_state.threads(), _state.processors())})


def _thread_counts(tf):
    """Whether thread counts set before the runtime starts take effect, and are refused later."""
    taken = _threads.as_many_as_asked_for()
    reading = {} if taken is None else {"threads: as many as asked for": _told(True, taken)}
    tf.zeros([1]) + 1.0
    try:
        tf.config.threading.set_intra_op_parallelism_threads(_state.threads() + 5)
    except RuntimeError:
        return dict(reading, **{"threads: a change after the start": _told("refused", "refused")})
    return dict(reading, **{"threads: a change after the start": _told("refused", "accepted")})


def _traced(tf):
    """Functions and pipelines that are traced and run before the switch is set."""
    draw, add = tf.function(lambda: tf.random.normal([4])), _promises.scatter_function(tf)
    draw()
    add()
    built = _promises.pipelines(tf)["parallel map that draws"]()
    return {
        "draws": {"function traced before the switch": draw},
        "operators": {"scatter_add traced before the switch": add},
        "pipelines": {"pipeline built before the switch": lambda: built},
    }


def _one(observed):
    """The promise is one result; None means that TensorFlow refused, which keeps the promise."""
    return _told(1, 1 if observed is None else observed)


def _told(expected, observed):
    return {"expected": expected, "observed": observed}
