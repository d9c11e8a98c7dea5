"""
One thread and many give the same bits, and so do idle and busy processors.

Why: a sum that is split over threads is grouped differently, so the last bits change with the number of processors, and
two machines diverge over a long training (pytorch#2201, jax#39741, FastSurfer PR#892). TensorFlow promises determinism
for a fixed number of threads only, so these differences are recorded and do not fail. Load from other processes must
change nothing.

Remedy: to compare bits between machines, give every run the same number of threads. Use `TF_NUM_INTRAOP_THREADS=N` and
`TF_NUM_INTEROP_THREADS=N` in the job that launches it, or `tf.config.threading.set_intra_op_parallelism_threads(N)`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _blocks, _state, _stress, same_seed, thread_race

CHECK = Check(
    tier="full",
    rule="identical",
    across=("threads", "affinity", "contention"),
    requires={"threads": 2},
)
RACING = (
    "DenseBincount",
    "SparseBincount",
    "ResourceScatter",
    "ResourceSparseApplyAdagrad",
    "CropAndResizeGradImage",
)
"""Cases that change from call to call; they belong to the check of races."""


def measure(settings):
    """Digests of operators at sizes that are split over threads, of layers and of a short training run."""
    values = {name: thread_race.outcome(call) for name, call in _stress.cases().items() if not name.startswith(RACING)}
    given = _blocks.given()
    for name, (kind, layer) in _blocks.layers().items():
        values["layer: %s" % name] = digest(layer(given[kind], given))
    values.update({"training: %s" % name: value for name, value in same_seed.measure(settings).items()})
    return dict(values, conditions={"threads": min(_state.threads(), _state.processors())})
