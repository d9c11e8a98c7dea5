"""torch-draw-layout: draws into tensors of other layouts."""

import pytest
import support

pytestmark = [pytest.mark.frameworks]
CHECK = "torch-draw-layout"
CURED = """
import torch

def filled(method):
    return lambda tensor, *arguments: tensor.copy_(method(torch.empty(tensor.shape), *arguments))

def of_contiguous(function):
    return lambda given, *arguments, **options: function(given.contiguous(), *arguments, **options)

def copied(function):
    def draw(shape, out=None, **options):
        return function(shape, **options) if out is None else out.copy_(function(shape, **options))
    return draw

for name in ("uniform_", "normal_", "exponential_", "bernoulli_", "random_"):
    setattr(torch.Tensor, name, filled(getattr(torch.Tensor, name)))
for name in ("rand_like", "randn_like"):
    setattr(torch, name, of_contiguous(getattr(torch, name)))
for name in ("rand", "randn"):
    setattr(torch, name, copied(getattr(torch, name)))
torch.nn.functional.dropout = of_contiguous(torch.nn.functional.dropout)
"""
"""Draws as the remedy says: into a contiguous tensor, and copied."""
FAULT = """
torch.Tensor.uniform_ = (
    lambda tensor, contiguous=torch.Tensor.uniform_: contiguous(tensor).add_(0 if tensor.stride(-1) == 1 else 1)
)
"""


def test_draws_in_memory_order_are_caught():
    """Those of torch on a CPU: a transposed tensor moves every draw, a slice only those that are paired."""
    broken = support.verdict(CHECK).evidence["broken"]

    assert {"normal_ of a transposed tensor", "uniform_ of a channels_last tensor", "normal_ of a slice"} <= set(broken)
    assert "uniform_ of a slice" not in broken
    assert "normal_ of a view at an offset" not in broken


def test_draws_into_contiguous_memory_pass(tmp_path):
    """The remedy, everywhere: no layout moves a draw."""
    setup = tmp_path / "setup.py"
    setup.write_text(CURED)

    assert "pass" == support.verdict(CHECK, setup=str(setup)).outcome


def test_a_draw_that_depends_on_strides_is_named(tmp_path):
    """One draw that looks at the strides of its tensor: it is named with its layouts, and nothing else is."""
    setup = tmp_path / "setup.py"
    setup.write_text(CURED + FAULT)
    broken = support.verdict(CHECK, setup=str(setup)).evidence["broken"]

    assert {
        "uniform_ of a transposed tensor",
        "uniform_ of a channels_last tensor",
        "uniform_ of a strided slice",
    } == set(broken)


def test_prefixes_are_recorded_and_fail_nothing(tmp_path):
    """A longer `rand` begins with the shorter one, a longer `randperm` does not; neither is promised."""
    setup = tmp_path / "setup.py"
    setup.write_text(CURED)
    (reading,) = support.measure(CHECK, setup=str(setup)).repeats
    (kept,) = reading["conditions"].values()

    assert ["15 of 16", "16 of 17", "1000 of 1001"] == kept["rand"]
    assert [] == kept["randperm"]
