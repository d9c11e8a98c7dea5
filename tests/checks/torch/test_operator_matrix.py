"""Basic operators over dtype, layout, size, values and mode: today's torch agrees, and each kind of fault is caught."""

import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "torch-operator-matrix"
PLANTED = """
import torch
real = {name: getattr(torch.Tensor, name) for name in ("softmax", "sum", "amax", "cumsum", "logsumexp", "mean")}

def softmax(x, *given):
    return real["softmax"](x, *given) * (1.25 if x.dtype == torch.float16 else 1)

def total(x, *given, **more):
    strided = x.dim() == 2 and x.stride(-1) == 2 and not more
    return real["sum"](x, *given, **more) * (2 if strided else 1)

def amax(x, *given):
    return real["amax"](torch.where(x.isnan(), torch.zeros_like(x), x), *given)

def cumsum(x, *given):
    found = real["cumsum"](x, *given)
    return found * 2 if x.numel() > 2**17 else found

def logsumexp(x, *given):
    return real["logsumexp"](x, *given) * (2 if torch.are_deterministic_algorithms_enabled() else 1)

def mean(x, *given):
    found = real["mean"](x, *given)
    return found.detach() * 0.5 + found * 0.5 if x.requires_grad else found

for name, planted in dict(softmax=softmax, sum=total, amax=amax, cumsum=cumsum, logsumexp=logsumexp, mean=mean).items():
    setattr(torch.Tensor, name, planted)
"""


def test_todays_operators_agree_with_numpy():
    """More than two hundred cells, by rounding; the finding says how many of all, and under which seed."""
    found = support.verdict(CHECK)

    assert found.outcome == "pass", found.message
    assert {"same", "rounding"} >= set(found.evidence["classes"].values())
    assert len(found.evidence["classes"]) > 200
    assert " cells (seed 20261128)" in found.message


def test_a_fault_in_one_dtype_layout_size_value_or_mode_is_caught(tmp_path):
    """Six operators, each wrong in one property alone: each is named in a cell with that property, and in no other."""
    found = support.verdict(CHECK, setup=setup_file(tmp_path, PLANTED))
    beyond = {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}
    kinds = {name.partition(" ")[0]: [] for name in beyond}
    for name in beyond:
        kinds[name.partition(" ")[0]].append(name)

    assert (found.outcome, found.evidence["class"]) == ("fail", "wrong")
    assert set(kinds) == {"softmax", "sum", "amax", "cumsum", "logsumexp", "mean"}
    assert all(" float16 " in name for name in kinds["softmax"])
    assert all(" strided " in name or name.endswith(" strided") for name in kinds["sum"])
    assert all(" nan " in name for name in kinds["amax"])
    assert all(name.endswith(" switch") for name in kinds["logsumexp"])
    assert all(name.endswith(" gradient") for name in kinds["mean"])
