"""
Draws under a seed depend on the shape, and not on the memory layout of the tensor that they fill.

Why: torch fills a tensor in the order of its memory, and `normal_` pairs its values in another way where the tensor is
not contiguous. So the same seed initialises a transposed or channels_last weight with other numbers, and a dropout mask
moves with the layout of its input (pytorch#166856, pytorch#80041, pytorch#75281, pytorch#71090). Nobody promises that a
longer draw begins with the shorter one: `randn` of 15 and of 16 values share none (pytorch#80202). That is recorded in
the reading's conditions and fails nothing.

Remedy: draw into a contiguous tensor and copy: `weight.copy_(torch.empty(weight.shape).normal_())`. Convert a model
with `to(memory_format=torch.channels_last)` after its weights are initialised, and give dropout contiguous inputs.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(tier="full", rule="expected", needs=("numpy",))
SEED = 7
SHAPE = (4, 8, 6, 10)
"""Four axes, so that it has a channels_last form; 1920 values are past every small case of the kernels."""
PREFIXES = ((15, 16), (16, 17), (1000, 1001))
"""Lengths whose draws are compared; from 16 values on, the CPU's `normal_` fills whole vectors."""


def measure(settings):
    """For each draw and layout, its digest and that of the contiguous tensor; in the conditions, shared prefixes."""
    values, prefixes = {}, {}
    for prefix, device in _state.devices():
        for name, (plain, other) in _pairs(device).items():
            values[prefix + name] = {"expected": _drawn(plain), "observed": _drawn(other)}
        prefixes.update({prefix + name: kept for name, kept in _prefixes(device).items()})
    return dict(values, conditions={"longer draws that begin with the shorter one, which nobody promises": prefixes})


def _drawn(draw):
    """The digest of a draw's values: of a contiguous copy, since a digest of a tensor counts its meaning alone."""
    with _state.seeded(SEED):
        return digest(draw().contiguous())


def _fills():
    return {
        "uniform_": lambda tensor: tensor.uniform_(),
        "normal_": lambda tensor: tensor.normal_(),
        "exponential_": lambda tensor: tensor.exponential_(),
        "bernoulli_": lambda tensor: tensor.bernoulli_(0.5),
        "random_": lambda tensor: tensor.random_(),
    }


def _layouts(device):
    """Ways to make a tensor of the same shape that is not contiguous, or not at the beginning of its storage."""
    import torch

    first, *others, last = SHAPE

    def empty(*shape):
        return torch.empty(shape, device=device)

    return {
        "a transposed tensor": lambda: empty(last, *others, first).transpose(0, -1),
        "a channels_last tensor": lambda: empty(*SHAPE).contiguous(memory_format=torch.channels_last),
        "a slice": lambda: empty(first, *others, 2 * last)[..., :last],
        "a strided slice": lambda: empty(first, *others, 2 * last)[..., ::2],
        "a view at an offset": lambda: empty(1 + first, *others, last)[1:],
    }


def _pairs(device):
    """Name to (the draw of a contiguous tensor, the draw of another layout)."""
    import torch
    from torch.nn import functional

    found = {}
    for place, make in _layouts(device).items():
        for name, fill in _fills().items():
            found["%s of %s" % (name, place)] = (
                lambda fill=fill: fill(torch.empty(SHAPE, device=device)),
                lambda fill=fill, make=make: fill(make()),
            )
    ones, turned = torch.ones(SHAPE, device=device), torch.ones(SHAPE[::-1], device=device).permute(3, 2, 1, 0)
    last = ones.contiguous(memory_format=torch.channels_last)
    for place, given in (("a transposed tensor", turned), ("a channels_last tensor", last)):
        found["rand_like of %s" % place] = (lambda: torch.rand_like(ones), lambda given=given: torch.rand_like(given))
        found["randn_like of %s" % place] = (
            lambda: torch.randn_like(ones),
            lambda given=given: torch.randn_like(given),
        )
        found["dropout of %s" % place] = (
            lambda: functional.dropout(ones),
            lambda given=given: functional.dropout(given),
        )
    for name in ("rand", "randn"):
        found["%s with a transposed out=" % name] = (
            lambda name=name: getattr(torch, name)(SHAPE, device=device),
            lambda name=name: getattr(torch, name)(
                SHAPE, device=device, out=torch.empty(SHAPE[::-1], device=device).permute(3, 2, 1, 0)
            ),
        )
    return found


def _prefixes(device):
    """Name to the pairs of lengths of which the longer draw begins with the shorter one."""
    import torch

    kinds = {
        "rand": lambda count: torch.rand(count, device=device),
        "randn": lambda count: torch.randn(count, device=device),
        "randint": lambda count: torch.randint(1000, (count,), device=device),
        "randperm": lambda count: torch.randperm(count, device=device),
    }
    return {
        name: [
            "%d of %d" % (short, long)
            for short, long in PREFIXES
            if _drawn(lambda draw=draw, short=short: draw(short))
            == _drawn(lambda draw=draw, short=short, long=long: draw(long)[:short])
        ]
        for name, draw in kinds.items()
    }
