"""
Collectives give the same bits on every rank, in every call and in a new process group.

Why: each rank updates its own copy of the parameters. If one rank gets different bits, its model drifts away; if a
reduction takes another ring or tree in the next call, the run does not repeat (nccl#157). The check calls all-reduce,
all-gather and reduce-scatter repeatedly, with sizes that three ranks cannot divide evenly: with gloo on the CPU, and
with NCCL where there are two GPUs. The gloo test uses three ranks, because a sum of two values has only one order.

Remedy: on GPUs export `NCCL_ALGO=Ring` and `NCCL_PROTO=Simple` in every rank. On CPUs fix the number of ranks and DDP's
bucket size, because both decide which values are summed together.
"""

from __future__ import annotations

from ..declare import Check
from . import _ranks

CHECK = Check(
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
