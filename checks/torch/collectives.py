"""
Collectives give the same bits on every rank, in every call and in a new process group.

Why: each rank updates its own copy of the parameters, so one rank's other bits grow into another model, and a reduction
that takes another ring or tree next time makes the run unrepeatable (nccl#157). All-reduce, all-gather and
reduce-scatter are called again and again with sizes that do not divide among three ranks, with gloo on the CPU, and
with NCCL where there are two GPUs. With two ranks alone a sum has no order, so gloo gets three.

Remedy: on GPUs export `NCCL_ALGO=Ring` and `NCCL_PROTO=Simple` in every rank; on CPUs fix the number of ranks and the
size of DDP's buckets, since both choose which sums are made together.
"""

from __future__ import annotations

from ..declare import Check
from . import _ranks

CHECK = Check(
    severity="high",
    tier="full",
    rule="expected",
    needs=("numpy",),
    remedy_env={"NCCL_ALGO": "Ring", "NCCL_PROTO": "Simple"},
)
RANKS = 3


def measure(settings):
    """For each collective, size and dtype: how many different results all ranks had in all calls, which should be 1."""
    values, digests = {}, {}
    for backend, kind, most in _ranks.backends():
        answers = _ranks.run("collect", backend, kind, min(RANKS, most))
        for label in answers[0]:
            results = {result for answer in answers for result in answer[label]}
            values["%s %s" % (backend, label)] = {"expected": 1, "observed": len(results)}
            digests["%s %s" % (backend, label)] = answers[0][label][0][:16]
    return dict(values, conditions={"digests": digests, "calls on each rank": 2 * _ranks.ROUNDS})
