"""The spread of values in each definition, and what a reported spread says of the standard deviation of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import UsageError
from .distributions import range_freedom, range_square
from .reported import MOST_EXPONENT, Kind, Stated


@dataclass(frozen=True)
class Deviation:
    """An estimate of the standard deviation of one run."""

    value: float
    """As the digits say it."""
    most: float
    """With half a unit of the last reported digit more: what was rounded to them may have been so large."""
    freedom: float
    """Degrees of freedom of the estimate."""


def exact(value: float) -> Fraction:
    """The decimal number that was printed: 0.1 is a tenth. Raises UsageError for what is no finite metric."""
    if not math.isfinite(value) or abs(value) > 10.0**MOST_EXPONENT:
        raise UsageError(f"{value} is no metric", f"It must be finite, and at most 1e{MOST_EXPONENT}.")
    return Fraction(repr(value))


def mean(values: Sequence[float]) -> Fraction:
    """The exact mean."""
    return sum(map(exact, values), Fraction(0)) / len(values)


def of_values(values: Sequence[float], kind: Kind, *, divisor: int | None = None) -> float | None:
    """
    The spread of runs: the sample's standard deviation (divisor n - 1), that over the root of n, or largest - smallest.

    None for fewer than two values. `divisor` replaces n - 1: NumPy's `std` divides by n unless it is told otherwise.
    """
    count = len(values)
    if count < 2:
        return None
    if kind == "range":
        return float(max(map(exact, values)) - min(map(exact, values)))
    middle = mean(values)
    squares = math.fsum(float(exact(one) - middle) ** 2 for one in values)
    deviation = math.sqrt(squares / (divisor or count - 1))
    return deviation / math.sqrt(count) if kind == "sem" else deviation


def reported(stated: Stated) -> Deviation | None:
    """
    The standard deviation of a run that a reported spread amounts to; None where none is reported.

    A standard error is multiplied by the root of its number of runs. A range is divided by the root of the expected
    square of the range of so many values of a normal distribution, which makes the variance unbiased.
    """
    if stated.spread is None:
        return None
    scale, freedom = 1.0, float(stated.runs - 1)
    if stated.kind == "sem":
        scale = math.sqrt(stated.runs)
    elif stated.kind == "range":
        scale, freedom = 1 / math.sqrt(range_square(stated.runs)), range_freedom(stated.runs)
    value = float(stated.spread.value)
    return Deviation(scale * value, scale * (value + float(stated.spread.half)), freedom)


def own(values: Sequence[float]) -> Deviation | None:
    """The standard deviation of our runs; None for fewer than two."""
    if len(values) < 2:
        return None
    found = of_values(values, "sd") or 0.0
    return Deviation(found, found, float(len(values) - 1))
