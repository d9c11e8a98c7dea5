"""
Spawned workers of a data loader draw what forked ones draw.

Why: a forked worker inherits the generators of its parent and a spawned one starts with fresh ones, so augmentation
that no one seeded gave other samples on macOS and Windows, where workers are spawned, or changed from run to run
(pytorch#7882; NumPy in workers is seeded by torch since pytorch#56488). Python 3.14 no longer forks on Linux either.
Under one seed, Python, NumPy and torch must draw the same in workers of either kind.

Remedy: seed every generator that augmentation uses in a `worker_init_fn`, from `torch.initial_seed()`; do not rely on
what a worker inherits.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _loading, _state

CHECK = Check(severity="medium", tier="full", rule="expected", needs=("numpy",))
SEED = 20260101


def measure(settings):
    """For each generator, the digest of an epoch's draws in forked and in spawned workers."""
    found = {}
    for method in ("fork", "spawn"):
        with _state.seeded(SEED):
            found[method] = _loading.epoch(_loading.drawing(2, method))
    return {
        "%s draws in spawned workers" % source: {
            "expected": digest(_loading.drawn(found["fork"], source)),
            "observed": digest(_loading.drawn(found["spawn"], source)),
        }
        for source in _loading.SOURCES
    }
