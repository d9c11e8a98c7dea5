"""What tests of TensorFlow's checks share: one audit of many checks as they are, one cured, one with faults planted."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import outcomes
import pytest
import support
from forking import Forking

from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue

MARKS = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.timeout(1800),  # the first test that asks waits for an audit of all; on a busy machine minutes
]
TOGETHER = (
    "batch-invariant",
    "broadcast-product",
    "collectives",
    "compiled-repeat",
    "epoch-draws",
    "file-order",
    "flag-known-answer",
    "isa",
    "parallel-map",
    "random-under-compile",
    "resume",
    "seed-reaches",
    "seed-width",
    "sharded",
    "thread-count",
    "thread-race",
    "transforms",
)
"""The checks that are measured together: a process of TensorFlow takes 5 s to start, and these share theirs."""

CURED = """
import types, keras, numpy, tensorflow as tf
from _auditor_checks.tensorflow import _pipelines, broadcast_product, random_under_compile
from tensorflow.python.framework import random_seed
raw = tf.raw_ops

# thread-race: the switch, and segment sums in place of what it does not order
tf.keras.utils.set_random_seed(0)
tf.config.experimental.enable_op_determinism()

bincount = tf.math.bincount

def summed(places, weights=None, minlength=None, axis=None):
    if weights is None:
        return bincount(places, minlength=minlength)
    if axis is None:
        return tf.math.unsorted_segment_sum(weights, places, minlength)
    rows = zip(tf.unstack(places[:4]), tf.unstack(weights[:4]))
    return tf.stack([summed(*row, minlength) for row in rows])

tf.math.bincount = summed
raw.SparseBincount = lambda indices, values, dense_shape, size, weights: summed(values, weights, size)
sparse_update = raw.ResourceSparseApplyAdagradV2

def unique_rows(grad, indices, **given):
    rows, places = tf.unique(indices)
    summed = tf.math.unsorted_segment_sum(grad, places, tf.size(rows))
    return sparse_update(grad=summed, indices=rows, **given)

raw.ResourceSparseApplyAdagradV2 = unique_rows

# seed-width: all 63 bits reach the operators, whose attributes hold 64
random_seed._truncate_seed = lambda seed: seed & (2**63 - 1)

# random-under-compile: nothing is compiled by XLA, and draws from the global seed are left out
measure = random_under_compile.measure

def without_xla(settings):
    plain = tf.function
    tf.function = lambda body=None, **options: plain(body)
    try:
        return measure(settings)
    finally:
        tf.function = plain

random_under_compile.measure = without_xla
random_under_compile._stateful_ways = lambda tf: iter(())

# broadcast-product: the variable of the remedy, for the process that computes the products
child = broadcast_product.child
broadcast_product.child = types.SimpleNamespace(
    ChildFailed=child.ChildFailed,
    run=lambda name, pairs, there: child.run(name, pairs, {**there, "TF_ENABLE_ONEDNN_OPTS": "0"}),
)

# epoch-draws: augmentation from seeds that are carried along
found = _pipelines.epochs
def carried():
    kept = {name: passes for name, passes in found().items() if not name.endswith("in a map, each epoch")}
    return dict(kept, **{"draws of a Generator": found()["draws of a Generator in a map, each epoch"]})
_pipelines.epochs = carried

# resume: the states of dropout's seed generators are written beside the model
save, load = keras.Sequential.save, keras.saving.load_model

def states(model):
    return [layer.seed_generator.state for layer in model.layers if hasattr(layer, "seed_generator")]

def saved(model, path):
    save(model, path)
    numpy.save(path + ".npy", [state.numpy() for state in states(model)])

def loaded(path):
    model = load(path)
    for state, value in zip(states(model), numpy.load(path + ".npy")):
        state.assign(value)
    return model

keras.Sequential.save, keras.saving.load_model = saved, loaded

# transforms: axes counted from the front
roll = tf.roll
tf.roll = lambda rows, shift, axis: roll(rows, shift, axis % rows.shape.rank)

# file-order: sorted listings
gfile = tf.io.gfile
gfile.listdir, gfile.glob, walk = (
    lambda path, plain=gfile.listdir: sorted(plain(path)),
    lambda pattern, plain=gfile.glob: sorted(plain(pattern)),
    gfile.walk,
)
gfile.walk = lambda top: sorted((folder, sorted(inner), sorted(names)) for folder, inner, names in walk(top))
"""

PLANTED = """
import os, random, keras, numpy, tensorflow as tf
from _auditor_checks.tensorflow import collectives, compiled_repeat, sharded
chance = random.SystemRandom()

# seed-reaches: a NumPy seed that does nothing, and a fold_in that knows eight numbers
fold_in = tf.random.fold_in
numpy.random.seed = lambda seed: None
tf.random.fold_in = lambda seed, number: fold_in(seed, number % 8)

# thread-race and thread-count: a sum that depends on chance
cumsum = tf.cumsum
tf.cumsum = lambda values: cumsum(values) + chance.random()

# batch-invariant: a layer that looks at the rows beside it
logsumexp = tf.reduce_logsumexp
tf.reduce_logsumexp = lambda rows, axis: logsumexp(rows, axis=axis) + tf.reduce_mean(rows[-1])

# ... and a normalisation that is off for a row alone
norm = keras.layers.BatchNormalization.call
def call(self, inputs, **given):
    return norm(self, inputs, **given) * (1.01 if inputs.shape[0] == 1 else 1)
keras.layers.BatchNormalization.call = call

# compiled-repeat: a constant that is drawn while tracing
step = compiled_repeat.step
compiled_repeat.step = lambda *given: [value * (1 + chance.random()) for value in step(*given)]

# flag-known-answer: a write that is forgotten
tf.tensor_scatter_nd_min = lambda table, places, values: tf.constant(table)

# transforms: a loop that is a thousandth off
foldl = tf.foldl
tf.foldl = lambda *given: foldl(*given) * 1.001

# resume: an optimizer that does not load its moments
keras.optimizers.Adam.load_own_variables = lambda self, store: None

# file-order: files as Python lists them
tf.io.matching_files = lambda pattern: tf.constant(os.listdir(os.path.dirname(pattern)))

# collectives: a replica that brings something else each time
values = collectives._values
collectives._values = lambda tf, replica, floats: values(tf, replica, floats) + floats * chance.random()

# sharded: every replica is given the whole batch, so that each row counts once for each replica
cut = sharded._cut
sharded._cut = lambda tf, strategy, rows, count: cut(tf, strategy, tf.concat([rows] * count, 0), count)
"""


CHANGED = {
    CURED: (
        "broadcast-product",
        "epoch-draws",
        "file-order",
        "parallel-map",
        "random-under-compile",
        "resume",
        "seed-width",
        "thread-race",
        "transforms",
    ),
    PLANTED: (
        "batch-invariant",
        "collectives",
        "compiled-repeat",
        "file-order",
        "flag-known-answer",
        "resume",
        "seed-reaches",
        "sharded",
        "thread-count",
        "thread-race",
        "transforms",
    ),
}
"""The contracts that each set-up is for."""


def finding(contract: str, setup: str = ""):
    """The finding of one check, from the audit that measures it under a set-up (its text)."""
    check_id = f"tensorflow-{contract}"
    found = findings(setup)[check_id]
    outcomes.note(check_id, found)
    return found


@functools.cache
def findings(setup: str) -> dict:
    """Check to finding, of one audit of what the set-up changes; its text is what is remembered by."""
    return audited(setup, Forking(support.AUDITED), CHANGED.get(setup, TOGETHER))


def audited(setup, launcher, contracts=TOGETHER):
    """Check to finding, of an audit of these contracts whose processes this launcher starts."""
    known = catalogue.load()
    checks = [known.check(f"tensorflow-{contract}") for contract in contracts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "setup.py"
        path.write_text(setup)
        given = str(path) if setup else ""
        audit = Audit(Options(support.AUDITED, checks, facts=False, setup=given, jobs=1, launcher=launcher), known)
        for _ in audit.run():
            pass
    return {item.check: item for item in audit.findings}
