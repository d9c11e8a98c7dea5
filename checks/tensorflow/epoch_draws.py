"""
Each epoch of an input pipeline has another order and other draws, and so has each seed.

Why: augmentation that draws in a `Dataset.map` gives the same numbers in every epoch as soon as a seed is set: the
iterator starts the operation's generator again, so a model sees each image in one variant only (tensorflow#44195,
tensorflow#35682; the same happened with torch loaders, lightning#20412). Epochs of one `repeat` do differ, and shuffles
do. Orders and draws of three epochs, and of three seeds, are compared.

Remedy: iterate one pipeline with `.repeat(EPOCHS)` in it; or carry seeds that change with the epoch: zip the rows with
`tf.data.Dataset.random(seed=N, rerandomize_each_iteration=True).batch(2)` and draw with `tf.random.stateless_*`; or
draw from a `tf.random.Generator` in a map that is not parallel.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _pipelines, _state

CHECK = Check(severity="high", tier="full", rule="different", across=("repeat", "process"))


def measure(settings):
    """Lists of digests, of three epochs or of three seeds."""
    values = {}
    for name, passes in _pipelines.epochs().items():
        with _state.seeded(35682):
            values[name] = [digest(rows) for rows in passes()]
    return values
