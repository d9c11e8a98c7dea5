"""
Every operator of PyTorch's own catalogue gives the same bits with one thread and with many.

Why: kernels are split over threads, or chosen by their number, and sums are then added up in another grouping; two
machines with other numbers of processors part company in these operators (pytorch#2201, pytorch#88718, pytorch#116369).
Nobody promises otherwise: what moves is recorded with its operator and dtype, and is no failure. The samples of `op_db`
are small, so that what moves here moves even in small models; torch-thread-count has larger sizes.

Remedy: to compare bits between machines, give every run the same number of threads: `torch.set_num_threads(N)`, or
`OMP_NUM_THREADS` and `MKL_NUM_THREADS` in the job that launches it.
"""

from __future__ import annotations

from ..declare import Check
from . import _cases, _opdb, _opdb_run, _opdb_samples, _state

CHECK = Check(
    severity="low",
    tier="full",
    rule="identical",
    across=("threads",),
    needs=("numpy",),
    quiet=True,
    requires={"threads": 2},
    under={"hash-seed": "0"},
)
UNSTEADY = ("linalg.lstsq",)
"""Operators that change from call to call with any number of threads; they belong to torch-every-operator."""


def measure(settings):
    """The table of operators on the CPU, and how many threads worked on it."""
    import torch

    table = {"operators": {}, "inputs": {}}
    with _state.seeded(_opdb_samples.SEED), _opdb.environment_kept():
        names = settings.get("names", ()) or [case.name for case in _opdb.cases("cpu") if not _unsteady(case.name)]
        _opdb_run.fill(table, torch.device("cpu"), names=names)
    return dict(table, conditions={"threads": _cases.usable_threads()})


def _unsteady(name):
    return name.startswith(UNSTEADY)
