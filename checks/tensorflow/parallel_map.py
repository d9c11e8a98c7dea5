"""
The parallel stages of an input pipeline keep the order of rows and give each row the same draws in every run.

Why: a parallel `Dataset.map` keeps the order of its rows, but not of the draws inside: each run gives the same random
numbers to different rows, even with `deterministic=True` (tensorflow#13932, tensorflow#29101). TensorFlow documents
this with its determinism switch, which runs such maps sequentially. The check gives rows uneven work, so that later
rows finish before earlier ones. A shuffle must repeat under its seed and keep its order with
`reshuffle_each_iteration=False`.

Remedy: carry a seed with each row and draw from it: zip the rows with `tf.data.Dataset.random(seed=N).batch(2)` and use
`tf.random.stateless_*`. The map stays parallel. Or call `tf.config.experimental.enable_op_determinism()`, at a cost in
speed. Do not use `deterministic=False`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _documented, _pipelines, _state

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process"),
    repeats=3,
    cure="framework-switch",
    requires={"threads": 2},
    documented=dict.fromkeys(
        (
            "parallel map that draws",
            "parallel map in any order",
            "parallel map that counts",
            "parallel interleave",
        ),
        _documented.SWITCH,
    ),
)


def measure(settings):
    """A digest of the rows, in their order, of each pipeline."""
    with _state.seeded(13932):
        pipelines = dict(_pipelines.parallel(), **_pipelines.shuffles())
        asked = settings.get("names") or pipelines
        values = {name: digest(rows()) for name, rows in pipelines.items() if name in asked}
    return dict(values, conditions={"threads": min(_state.threads(), _state.processors())})
