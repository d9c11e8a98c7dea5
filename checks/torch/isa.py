"""
The processor's vector instructions do not change the bits.

Why: kernels are chosen for the vector width of the processor, and each groups sums differently, so the same program
gives other bits on another processor (pytorch#155423, pytorch#155552). With the three variables of the remedy set,
eight machines of four processor models agreed. Nobody promises equal bits, so differences are recorded and do not fail;
but rounding to whole numbers, signs, orders and integers are exact, and must not change.
The check runs matmul, reductions, convolution, activations, a training step and draws in one process as it is and in
one that is told to use the least vector instructions. Where that request has no effect, the check draws no conclusion.

Remedy: to compare bits between machines, export `ATEN_CPU_CAPABILITY=default`, `ONEDNN_MAX_CPU_ISA=SSE41` and
`MKL_CBWR=COMPATIBLE` in every job before Python starts. This costs speed.
"""

from __future__ import annotations

from ..declare import Check
from . import _cases, _gradients, _models, _operators, _state

CHECK = Check(tier="full", rule="identical", across=("isa",), needs=("numpy",), requires={"vector kernels": 1})
LEAST = "DEFAULT"
"""Torch's name for its kernels without vector instructions beyond the baseline."""


class NotReached(Exception):
    """The process was told to use the least vector instructions and still uses others."""


def measure(settings):
    """Digests of operators and of a short training run on the CPU, and the vector width used."""
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    if settings.get("isa") == "least" and capability != LEAST:
        raise NotReached("ATEN_CPU_CAPABILITY=default gave %s: agreement would prove nothing" % capability)
    cpu = torch.device("cpu")
    values = {name: _cases.outcome(call) for name, call in _products(torch, _operators.Maker(cpu)).items()}
    with _state.seeded(17):
        values["draws"] = _cases.outcome(lambda: [torch.randn(1000), torch.rand(1000), torch.randperm(1000)])
    with _state.seeded(17):
        values["training losses"] = _cases.outcome(lambda: _models.losses(cpu))
    return dict(values, conditions={"capability": capability, "vector kernels": int(capability != LEAST)})


def _products(torch, maker):
    nn = torch.nn.functional
    left, right, image = maker.normal(130, 517), maker.normal(517, 67), maker.normal(4, 8, 29, 29)
    halves = (torch.arange(-512, 512, dtype=torch.float32) / 2).reshape(8, 128)
    weight, whole = maker.normal(16, 8, 3, 3), maker.below(100, 1000)
    return {
        "matmul": lambda: left @ right,
        "matmul bfloat16": lambda: left.bfloat16() @ right.bfloat16(),
        "sums": lambda: [left.sum(), left.sum(0), left.norm(), left.var(1), left.logsumexp(1)],
        "cumsum": lambda: left.cumsum(1),
        "convolution": lambda: nn.conv2d(image, weight),
        "convolution backward": lambda: _gradients.gradients(nn.conv2d, image, weight),
        "activations": lambda: [nn.gelu(left), left.tanh(), left.sigmoid(), left.exp(), nn.silu(left), left.erf()],
        "softmax": lambda: left.softmax(1),
        "layer norm": lambda: nn.layer_norm(left, (517,)),
        "linear algebra": lambda: torch.linalg.inv(left @ left.T),
        "fft": lambda: torch.fft.rfft(left),
        "exact: rounding": lambda: [halves.round(), halves.floor(), halves.ceil(), halves.trunc(), halves.frac()],
        "exact: signs and orders": lambda: [
            halves.sign(),
            halves.abs(),
            halves.sort(1).values,
            halves.maximum(-halves),
        ],
        "exact: ranges": lambda: [
            (torch.arange(0, 1000, 0.1) * 10).round(),
            (torch.linspace(0, 1000, 10001) * 10).round(),
            torch.arange(0, 100, 0.25, dtype=torch.float64),
        ],
        "exact: integers": lambda: [whole.sum(), whole.sort(stable=True).values, whole.bincount()],
    }
