"""
Spawned workers of a data loader draw the same values as forked ones.

Why: a forked worker inherits the generators of its parent; a spawned one starts with fresh ones. Unseeded augmentation
therefore gave other samples on macOS and Windows, where workers are spawned, or changed from run to run (pytorch#7882;
torch seeds NumPy in workers since pytorch#56488). Python 3.14 no longer forks by default on Linux either. Under one
seed, Python, NumPy and torch must draw the same in both kinds of worker.

Remedy: in a `worker_init_fn`, seed every generator that augmentation uses from `torch.initial_seed()`. Do not rely on
state that a worker inherits.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _loading, _state

CHECK = Check(tier="full", rule="expected", needs=("numpy",))
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
