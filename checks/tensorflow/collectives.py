"""
Reductions and gathers over replicas are right, equal on every replica, and equal in every call.

Why: a sum over devices adds in the order that its algorithm chose or in which the parts arrived (nccl#157, Tencent hpn
PR#24), and replicas whose copies differ in one bit diverge. The check sums, averages and gathers with
`tf.distribute.MirroredStrategy` over the GPUs of the machine, or over logical devices of its CPU: floats whose sum
depends on the order, in eager mode and in a function, by each reduction algorithm. Integers have one right answer.

Remedy: choose the reduction algorithm by name:
`tf.distribute.MirroredStrategy(cross_device_ops=tf.distribute.ReductionToOneDevice())`. With NCCL set `NCCL_ALGO=Ring`
and `NCCL_PROTO=Simple`. Always train on the same number of replicas.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _devices

CHECK = Check(
    tier="full",
    rule="expected",
    isolates=True,
    quiet=True,
    requires={"replicas": 2},
    remedy_env={"NCCL_ALGO": "Ring", "NCCL_PROTO": "Simple"},
)
VALUES, RUNS = 20_000, 8
"""Floats of each replica, and number of reductions (counts)."""


def measure(settings):
    """For each reduction algorithm: right integers, number of results over all runs, and over all replicas."""
    import tensorflow as tf

    devices, values = _devices.several(), {}
    for way, across in _ways(tf, devices).items():
        strategy = tf.distribute.MirroredStrategy(devices, cross_device_ops=across)
        kinds = _collectives(tf, strategy)
        for name in kinds if across is None else ("sum",):
            run = kinds[name]
            results = [strategy.experimental_local_results(run(True)) for _ in range(RUNS)]
            told = "%s, %s" % (way, name)
            values["%s: results in %d runs" % (told, RUNS)] = _told(1, len({digest(list(each)) for each in results}))
            values["%s: results on the replicas" % told] = _told(1, len({digest(each) for each in results[0]}))
            exact = strategy.experimental_local_results(run(False))
            values["%s: integers" % told] = _told(digest(_answer(tf, name, len(devices))), digest(exact[0]))
    return dict(values, conditions={"replicas": len(devices), "devices": devices})


def _ways(tf, devices):
    distribute = tf.distribute
    found = {"default": None, "reduction to one device": distribute.ReductionToOneDevice()}
    if "GPU" in devices[0]:
        found["hierarchical copy"] = distribute.HierarchicalCopyAllReduce()
        found["NCCL"] = distribute.NcclAllReduce()
    return found


def _values(tf, replica, floats):
    """A replica's values: floats of very different magnitudes, or integers."""
    if not floats:
        return tf.cast(tf.range(VALUES) % 100, tf.float32) + tf.cast(replica, tf.float32)
    drawn = tf.random.stateless_normal([VALUES], tf.stack([157, replica]))
    return drawn * tf.exp(4.0 * tf.random.stateless_normal([VALUES], tf.stack([37, replica])))


def _collectives(tf, strategy):
    """Name to a function of a flag (floats or integers) that returns a value per replica."""

    def across(reduce):
        def on_each(floats):
            context = tf.distribute.get_replica_context()
            return reduce(context, _values(tf, context.replica_id_in_sync_group, floats))

        return lambda floats: strategy.run(on_each, args=(floats,))

    total = across(lambda context, value: context.all_reduce("sum", value))
    return {
        "sum": total,
        "mean": across(lambda context, value: context.all_reduce("mean", value)),
        "gather": across(lambda context, value: context.all_gather(value, axis=0)),
        "sum in a function": tf.function(total),
    }


def _answer(tf, name, replicas):
    """The exact result for the integers of all replicas."""
    parts = [_values(tf, number, False) for number in range(replicas)]
    if name == "gather":
        return tf.concat(parts, axis=0)
    total = tf.add_n(parts)
    return total / replicas if name == "mean" else total


def _told(expected, observed):
    return {"expected": expected, "observed": observed}
