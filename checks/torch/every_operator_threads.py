"""
Every operator of PyTorch's test catalogue gives the same bits with one thread and with many.

Why: kernels are split over threads, or chosen by the number of threads, and sums are then grouped differently. Two
machines with different numbers of processors diverge in these operators (pytorch#2201, pytorch#88718, pytorch#116369).
Nobody promises otherwise, so differences are recorded with operator and dtype and do not fail. The samples of `op_db`
are small: what differs here differs even in small models. torch-thread-count covers larger sizes.

Remedy: to compare bits between machines, give every run the same number of threads. Use `torch.set_num_threads(N)`, or
`OMP_NUM_THREADS` and `MKL_NUM_THREADS` in the job that launches it.
"""

from __future__ import annotations

from ..declare import Check
from . import _cases, _opdb, _opdb_run, _opdb_samples, _state

CHECK = Check(
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
        names, every = settings.get("names", ()), _opdb.cases("cpu")
        chosen = _opdb.cases("cpu", names=names, part=settings.get("part"))
        _opdb_run.fill(table, torch.device("cpu"), [case for case in chosen if names or not _unsteady(case.name)])
    measured = {"cells": len(table["operators"]), "of": len(every)}
    return dict(table, conditions={"threads": _cases.usable_threads(), **measured})


def _unsteady(name):
    return name.startswith(UNSTEADY)
