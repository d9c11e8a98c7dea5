"""
Graphs in which a compiler's mistake shows without any rounding: special values, and sums whose arithmetic is exact.

A NaN must come out where the eager operator gives one, in the code for vectors and in the code for what is left over.
Sums of small integers are exact in any order, so one element that is left out or added twice changes them.
"""

from __future__ import annotations

import functools
import itertools

from ..fingerprint import digest

NAN = float("nan")
SPECIAL = (NAN, float("inf"), float("-inf"), 0.0, -0.0, 1.0, -2.5, 3e38, 1e-42)
"""Of float32: each meets each other as first and as second operand."""
TWO = (
    *("add", "atan2", "copysign", "div", "fmax", "fmin", "fmod", "hypot", "logaddexp", "maximum", "minimum"),
    *("mul", "pow", "remainder", "sub", "xlogy"),
)
ORDERS = ("eq", "ge", "gt", "isclose", "le", "logical_and", "logical_or", "logical_xor", "lt", "ne")
"""Operators of two operands whose results are booleans."""
ONE = (
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "erf", "erfc", "exp", "exp2", "expm1"),
    *("floor", "frac", "lgamma", "log", "log10", "log1p", "log2", "neg", "reciprocal", "relu", "round", "rsqrt"),
    *("sigmoid", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc"),
)
OF_NETWORKS = ("elu", "gelu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "silu", "softplus")
INNER = ("abs", "acos", "asin", "asinh", "atan", "exp", "log", "neg", "reciprocal", "sqrt", "square", "tanh")
OUTER = ("abs", "cos", "exp", "log", "neg", "reciprocal", "sin", "sinh", "sqrt", "square", "tan", "tanh")
"""Functions that compilers rewrite together: a function of its inverse, a root of a square."""
SIZES = (2**10 + 3, 2**14 + 1, 2**15 - 1, 2**17 + 3)
"""Terms of the exact sums, beside the sizes at which compilers change their code (elements)."""
ROWS = 3
LAST = 50.0
"""The largest and the smallest number are at the end, where a loop's remainder is."""


def readings(names=()):
    """
    Name to the reading of one result, for the rule `within`: what compiled and eager give must be the same.

    Where `names` are given, only of graphs that have one of these results.
    """
    import torch

    found = {}
    for name, function, given, told in _graphs(torch):
        if names and not any(one.startswith(name + ": ") for one in names):
            continue
        eager = function(*given)
        torch._dynamo.reset()
        compiled = torch.compile(function, fullgraph=True, dynamic=False)(*given)
        for label in eager:
            sides = [digest(told(torch, one[label])) for one in (eager, compiled)]
            same = {"bits_equal": sides[0] == sides[1], "eager": sides[0], "compiled": sides[1]}
            found["%s: %s" % (name, label)] = same
    return found


def _graphs(torch):
    """(name, function of tensors to a dict of tensors, its arguments, what must be equal) of each graph."""
    first, second = (torch.tensor(one) for one in zip(*itertools.product(SPECIAL, SPECIAL)))
    alone = torch.tensor([NAN]), torch.ones(1)
    two = functools.partial(_two, torch)
    yield "pairs of special values", two, (first, second), _kinds
    yield "NaN first", two, alone, _kinds
    yield "NaN second", two, alone[::-1], _kinds
    yield "special values", functools.partial(_one, torch), (torch.tensor(SPECIAL * 3),), _kinds
    yield "NaN alone", functools.partial(_chains, torch), alone[:1], _kinds
    yield "exact", functools.partial(_sums, torch), tuple(_whole(torch, size) for size in SIZES), _all


def _kinds(torch, tensor):
    """Of each element whether it is finite, an infinity, or NaN; booleans as they are."""
    if tensor.dtype is torch.bool:
        return tensor
    return torch.isnan(tensor) * 3 + torch.isposinf(tensor) * 2 + torch.isneginf(tensor) * 1


def _all(_torch, tensor):
    return tensor


def _two(torch, one, other):
    found = {name: getattr(torch, name)(one, other) for name in (*TWO, *ORDERS)}
    return dict(found, where=torch.where(one > other, one, other), clamp=torch.clamp(one, min=other))


def _one(torch, given):
    found = {name: getattr(torch, name)(given) for name in ONE}
    return dict(found, **{name: getattr(torch.nn.functional, name)(given) for name in OF_NETWORKS})


def _chains(torch, given):
    """One function of another, on a single element, for which compilers write no vector code."""
    return {
        "%s of %s" % (outer, inner): getattr(torch, outer)(getattr(torch, inner)(given))
        for inner, outer in itertools.product(INNER, OUTER)
    }


def _sums(torch, *arrays):
    found = {}
    for flat in arrays:
        across, along = flat.expand(ROWS, len(flat)), flat[:, None].expand(len(flat), ROWS)
        results = {
            "sum": flat.sum(),
            "sum of rows": across.sum(-1),
            "sum of columns": along.sum(0),
            "sum of squares": (across * across).sum(-1),
            "extremes": torch.stack([flat.amax(), flat.amin()]),
            "places": torch.stack([flat.argmax(), flat.argmin()]),
            "running sum": flat.cumsum(0),
            "count": torch.count_nonzero(across > 0, -1),
        }
        found.update({"%s of %d" % (name, len(flat)): result for name, result in results.items()})
    return found


def _whole(torch, size):
    """Small whole numbers, of which no partial sum needs more digits than float32 has."""
    values = ((torch.arange(size) * 37) % 11 - 3).to(torch.float32)
    values[-1], values[-2] = LAST, -LAST
    return values
