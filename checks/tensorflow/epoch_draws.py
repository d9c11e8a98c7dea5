"""
Each epoch of an input pipeline has a different order and different draws, and so has each seed.

Why: as soon as a seed is set, augmentation that draws in a `Dataset.map` gives the same numbers in every epoch: a new
iterator restarts the operation's generator, so a model sees only one variant of each image (tensorflow#44195,
tensorflow#35682; the same happened with torch loaders, lightning#20412). The epochs of one `repeat` do differ, and so
do shuffles. The check compares orders and draws of three epochs and of three seeds.

Remedy: iterate one pipeline with `.repeat(EPOCHS)` in it. Or carry seeds that change with the epoch: zip the rows with
`tf.data.Dataset.random(seed=N, rerandomize_each_iteration=True).batch(2)` and draw with `tf.random.stateless_*`. Or
draw from a `tf.random.Generator` in a map that is not parallel.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _pipelines, _state

CHECK = Check(tier="full", rule="different", across=("repeat", "process"))


def measure(settings):
    """Lists of digests, of three epochs or of three seeds."""
    values = {}
    for name, passes in _pipelines.epochs().items():
        with _state.seeded(35682):
            values[name] = [digest(rows) for rows in passes()]
    return values
