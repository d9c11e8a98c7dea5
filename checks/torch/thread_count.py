"""
One thread and many give the same bits, and so do idle and busy processors.

Why: a sum that is split over threads is grouped differently, so the last bits change with the number of processors, and
two machines diverge over a long training (pytorch#2201, pytorch#88718, pytorch#116369). Nobody promises otherwise, so
these differences are recorded and do not fail. Products and sums of small integers are exact, and must not change; load
from other processes must change nothing.

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
        **_exact_products(torch),
    }


def _exact_products(torch):
    """Products of zeros and ones with up to 40 terms, and sums of 2^20 integers: exact in every dtype and order."""
    places = torch.arange(256 * 320)
    left, right = (places * 37 % 8 == 0).reshape(256, 320), (places * 41 % 7 == 0).reshape(320, 256)
    many = torch.arange(2**20) % 7

    def products(dtype):
        a, b = left.to(dtype), right.to(dtype)
        added, bias = a[:, :256], a[0, :256]
        straight = [a @ b, torch.addmm(added, a, b), torch.addmm(bias, a, b), torch.nn.functional.linear(a, b.T, bias)]
        across = b.T.contiguous().T
        turned = [a @ across, torch.addmm(added, a, across), torch.addmm(bias, a.T.contiguous().T, across)]
        batches = [torch.bmm(a.reshape(4, 64, 320), b.expand(4, -1, -1)), torch.mv(a, b[:, 0])]
        return [*straight, *turned, *batches]

    found = {
        "exact: products in %s" % str(dtype)[6:]: lambda dtype=dtype: products(dtype)
        for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.float16)
    }
    sums = "exact: sums of integers"
    return {**found, sums: lambda: [many.sum(), many.float().sum(), many.float().cumsum(0), many.bincount()]}
