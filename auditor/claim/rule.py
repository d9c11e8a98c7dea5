"""
The rule of `auditor claim`: whether runs confirm a reported mean.

**The paper's own seeds**: the mean of the runs, and its spread where one is reported, give the reported digits.

**Other seeds**: the reported mean lies within the 95 % prediction interval for the mean of the paper's runs,

    m +- t s sqrt(1/n + 1/N) + h,    s^2 = (v1 s1^2 + v2 s2^2) / (v1 + v2)

where m, s1 and n are mean, standard deviation and number of our runs, N and s2 what the paper reports, v1 = n - 1, v2
the degrees of freedom of the reported spread (N - 1 for a standard deviation), t the 97.5 % quantile of Student's t
distribution with v1 + v2 degrees of freedom, and h half a unit of the last reported digit. Source: the prediction
interval for the mean of further observations (Hahn and Meeker, Statistical Intervals, 1991), with the pooled variance
of the two-sample t test, since a true claim is one whose runs and ours are samples of one normal distribution. s2
enters with the largest value that rounds to its digits. So a true claim is rejected with at most 5 % probability.

A mean inside the interval confirms only if a shift of one reported standard deviation would have been outside of it
with 80 % probability (`power`); else the runs are too few to tell. The noise is the larger one of the reported and of
the pooled standard deviation, so that runs which vary more than reported confirm nothing by their wide interval. A
mean outside of the interval is not confirmed, however few runs there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from . import spread
from .interval import LEAST_POWER, Interval, interval
from .reported import Stated

Verdict = Literal["confirmed", "not-confirmed", "too-few-runs"]
ROUNDING = 1e-12
"""Relative error of a root in floating point."""


@dataclass(frozen=True)
class Judgement:
    """What runs say of a reported number."""

    verdict: Verdict
    mean: float
    """Of the runs."""
    spread: float | None
    """Of the runs, in the definition of the reported one; None for a single run."""
    differs: tuple[Literal["mean", "spread"], ...] = ()
    divisor: Literal["", "n-1", "n"] = ""
    """Same seeds, and a standard deviation or error: the divisor of the variance that gives the reported digits."""
    low: float | None = None
    high: float | None = None
    """Other seeds: the interval in which the reported mean is expected; None where nothing tells the spread of runs."""
    power: float | None = None
    """The probability with which a shift of one reported standard deviation would have been seen."""
    alike: bool = False
    """All runs gave one value though their seeds differ: under other seeds they count as one run."""


def same_seeds(stated: Stated, values: Sequence[float]) -> Judgement:
    """Judge runs with the seeds of the paper, one for each of its runs."""
    mean = spread.mean(values)
    differs: list[Literal["mean", "spread"]] = [] if stated.mean.agrees(mean) else ["mean"]
    divisor = _divisor(stated, values)
    if divisor is None:
        differs.append("spread")
    return Judgement(
        "not-confirmed" if differs else "confirmed",
        float(mean),
        spread.of_values(values, stated.kind),
        differs=tuple(differs),
        divisor=divisor or "",
        alike=_alike(values),
    )


def _divisor(stated: Stated, values: Sequence[float]) -> Literal["", "n-1", "n"] | None:
    """The divisor of the variance that gives the reported spread; empty where there is none; None if it differs."""
    if stated.spread is None:
        return ""
    choices: tuple[tuple[Literal["", "n-1", "n"], int | None], ...] = (("n-1", None), ("n", len(values)))
    for name, divisor in choices if stated.kind != "range" else ((("", None)),):
        found = spread.of_values(values, stated.kind, divisor=divisor)
        apart = abs((found or 0.0) - float(stated.spread.value))
        if apart <= float(stated.spread.half) + ROUNDING * float(stated.spread.value):
            return name
    return None


def other_seeds(stated: Stated, values: Sequence[float]) -> Judgement:
    """Judge runs with other seeds than the paper's. Values that are all alike are one observation, not several."""
    mean, alike = spread.mean(values), _alike(values)
    judged = Judgement("too-few-runs", float(mean), spread.of_values(values, stated.kind), alike=alike)
    if _never_varies(stated) and _do_not_vary(stated, values):
        # Every run gives the number, as is said of it. Equal bits could be one run that was made again.
        return judged if alike or len(values) < 2 else replace(judged, verdict="confirmed")
    expected = expected_interval(stated, values)
    if expected is None:
        return judged
    half = expected.half_width
    power = expected.power(expected.shift)
    judged = replace(judged, low=float(mean) - half, high=float(mean) + half, power=power)
    if abs(mean - stated.mean.value) > Fraction(half):
        return replace(judged, verdict="not-confirmed", differs=("mean",))
    return replace(judged, verdict="confirmed") if power >= LEAST_POWER else judged


def expected_interval(stated: Stated, values: Sequence[float]) -> Interval | None:
    """The interval that judges runs with other seeds; None where nothing tells how much a run varies."""
    return interval(stated, values[:1] if _alike(values) else values)


def _never_varies(stated: Stated) -> bool:
    return stated.spread is not None and stated.spread.value == 0


def _do_not_vary(stated: Stated, values: Sequence[float]) -> bool:
    """Whether each run gives the reported mean, and all together the reported spread, to its digits."""
    own = spread.of_values(values, stated.kind) or 0.0
    half = float(stated.spread.half) if stated.spread else 0.0
    return own <= half and all(stated.mean.agrees(spread.exact(one)) for one in values)


def _alike(values: Sequence[float]) -> bool:
    return len(values) > 1 and len(set(values)) == 1
