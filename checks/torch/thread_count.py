"""
One thread and many give the same bits, and so do idle and busy processors.

Why: a sum that is split over threads is grouped differently, so the last bits change with the number of processors, and
two machines diverge over a long training (pytorch#2201, pytorch#88718, pytorch#116369). Nobody promises otherwise, so
these differences are recorded and do not fail. Load from other processes must change nothing.

Remedy: to compare bits between machines, give every run the same number of threads. Use `torch.set_num_threads(N)`, or
`OMP_NUM_THREADS` and `MKL_NUM_THREADS` in the job that launches it.
"""

from __future__ import annotations

from ..declare import Check
from . import _cases, _models, _operators, _races, _state

CHECK = Check(
    tier="full",
    rule="identical",
    across=("threads", "affinity", "contention"),
    needs=("numpy",),
    requires={"threads": 2},
)
RACING = ("put_", "index_copy_", "index backward", "take backward")
"""Cases that change from call to call; they belong to the check of races."""


def measure(settings):
    """Digests of operators at sizes that are split over threads, and of the losses of a short training run."""
    import torch

    cpu = torch.device("cpu")
    values = {name: _cases.outcome(call) for name, call in _races.cases("cpu").items() if not _races_here(name)}
    for name, call in _products(_operators.Maker(cpu)).items():
        values[name] = _cases.outcome(call)
    with _state.seeded(17):
        values["training losses"] = _cases.outcome(lambda: _models.losses(cpu))
    return dict(values, conditions={"threads": _cases.usable_threads()})


def _races_here(name):
    return any(part in name for part in RACING)


def _products(maker):
    import torch

    left, right = maker.normal(257, 1023), maker.normal(1023, 129)
    return {
        "matmul": lambda: left @ right,
        "matmul bfloat16": lambda: left.bfloat16() @ right.bfloat16(),
        "matrix vector": lambda: left @ right[:, 0],
        "eigenvalues": lambda: torch.linalg.eigvalsh(left @ left.T),
        "fft": lambda: torch.fft.fft2(left),
        "softmax": lambda: left.softmax(0),
    }
