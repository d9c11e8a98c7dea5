"""
Training that is saved, loaded in a fresh process and continued gives what uninterrupted training gives.

Why: a checkpoint that misses a part trains on without an error and to another result: the optimizer's moments, the
position in the data, the generators of dropout, the scale of the loss (lightning#17543, transformers#11323). The check
saves a Keras model with batch norm and dropout with `model.save`, which omits the states of dropout's seed generators
(keras#19796; Keras 3.15). It saves a custom loop with a loss scale, a `tf.random.Generator` and a shuffled pipeline
with `tf.train.Checkpoint`. It compares six steps with three steps, a fresh process, and three more, and reads each part
after loading and at the end.

Remedy: put what the finding names into a `tf.train.Checkpoint`. A full one holds the optimizer with its loss scale, the
iterator (`iter(dataset)`), every `tf.random.Generator`, and for Keras each `layer.seed_generator.state`, which
`model.save` omits. Call `assert_consumed()` after restoring.
"""

from __future__ import annotations

import os
import tempfile

from ..declare import Check
from ..process import child
from . import _training

CHECK = Check(tier="full", rule="expected", needs=("keras",))


def measure(settings):
    """For each part, its digest without interruption and its digest in the process that continued from the file."""
    with tempfile.TemporaryDirectory(prefix="auditor-resume-") as base:
        folders = {kind: os.path.join(base, kind) for kind in _training.KINDS}
        plain = {}
        for kind, folder in folders.items():
            os.mkdir(folder)
            plain[kind] = _training.straight(kind, folder)
        found = child.run("tensorflow._training.resumed", folders, {"CUDA_VISIBLE_DEVICES": ""})
    values = {}
    for kind in _training.KINDS:
        for stage, left, right in zip(("loaded", "continued"), plain[kind], found[kind]):
            for name in left:
                if stage == "continued" or name not in _training.PASSING:
                    values["%s %s: %s" % (kind, stage, name)] = {"expected": left[name], "observed": right[name]}
    return values
