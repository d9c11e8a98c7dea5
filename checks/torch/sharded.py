"""
A step of data-parallel training on two ranks equals the same step on one process, and leaves the ranks alike.

Why: DDP averages the gradients of shards, so its step must equal that of the whole batch, up to rounding. A loss that
is averaged over unequal shards, or a rank that missed an update, raises no error. After the step the parameters of both
ranks must have the same bits, or the ranks diverge for good.

Remedy: where the ranks differ, look for code that runs on one of them alone: a hook, an unsynchronised buffer, or a
parameter that `find_unused_parameters` hides. Where the step differs from the whole batch, weight each shard's loss by
its size.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check
from ..fingerprint import digest
from . import _ranks

CHECK = Check(tier="full", rule="within", needs=("numpy",), explains=("memory-fill",))
RANKS = 2


def measure(settings):
    """The agreement of one process and DDP for each gradient and parameter, and whether the ranks have equal bits."""
    rows, labels = _ranks.batch()
    plain = _ranks.train(_ranks.seeded_model(), rows, labels)
    exact = _ranks.train(_ranks.seeded_model().double(), rows.double(), labels)
    values = {}
    for backend, kind, _ in _ranks.backends():
        ranks = _ranks.run("ddp_step", backend, kind, RANKS)
        for name, tensor in ranks[0].items():
            values["%s %s" % (backend, name)] = agreement(plain[name], tensor, exact[name], _ranks.ROWS)
        sides = [digest(found) for found in ranks]
        values["%s ranks after the step" % backend] = {
            "bits_equal": sides[0] == sides[1],  # no rounding error to weigh: bits must be equal
            "eager": sides[0],
            "compiled": sides[1],
        }
    return values
