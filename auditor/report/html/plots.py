"""Geometry of the plots: values to coordinates in an SVG. The templates draw; the numbers stand in tables beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 250.0
"""Of the drawing, in pixels of a phone, so that its letters are readable there; wider screens enlarge it."""
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 10.0, 38.0
MOST_POINTS = 1500
"""Points that are drawn, the worst first."""
MOST_TICKS = 6
LEAST, MOST = 1e-320, 1e320


@dataclass(frozen=True)
class Point:
    """One tensor: allowed and measured error."""

    name: str
    x: float
    y: float
    bad: bool


@dataclass(frozen=True)
class Tick:
    """A mark of an axis: its place, and the power of ten."""

    place: float
    power: int


@dataclass(frozen=True)
class Scatter:
    """Two logarithmic axes with the same range, and the line on which both are equal."""

    points: list[tuple[float, float, bool]]
    """Horizontal and vertical place, and whether it is beyond; the bad ones last, so that they are on top."""
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    line: tuple[float, float, float, float]
    exact: int
    """Tensors without any error, which are drawn on the lower edge."""
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def scatter(points: Sequence[Point]) -> Scatter | None:
    """The plot of measured against allowed errors; None without a positive pair. An error of 0 is on the lower edge."""
    shown = [one for one in points if _positive(one.x) and (one.y == 0 or _positive(one.y))][:MOST_POINTS]
    if not any(one.y for one in shown):
        return None
    powers = [math.log10(value) for one in shown for value in (one.x, one.y) if value]
    low, high = math.floor(min(powers)) - 1, math.ceil(max(powers))
    low -= high == low

    def across(power: float) -> float:
        return LEFT + (power - low) / (high - low) * (WIDTH - RIGHT - LEFT)

    def upward(power: float) -> float:
        return HEIGHT - BOTTOM - (power - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    places = [
        (across(math.log10(one.x)), upward(math.log10(one.y) if one.y else low), one.bad)
        for one in sorted(shown, key=lambda one: one.bad)
    ]
    powers_shown = range(low, high + 1, max(1, math.ceil((high - low) / MOST_TICKS)))
    return Scatter(
        points=places,
        x_ticks=[Tick(across(power), power) for power in powers_shown],
        y_ticks=[Tick(upward(power), power) for power in powers_shown],
        line=(across(low), upward(low), across(high), upward(high)),
        exact=sum(one.y == 0 for one in shown),
    )


def _positive(value: float) -> bool:
    return math.isfinite(value) and LEAST < value < MOST


@dataclass(frozen=True)
class TimeLine:
    """A bar of a run's operations: equal ones up to a place, and what follows."""

    split: float
    """Where the equal part ends, in the drawing's width."""
    end: float
    diverges: bool
    start: float = 1.0
    width: float = WIDTH


def time_line(equal: int, total: int, *, diverges: bool) -> TimeLine:
    """A bar of `total` operations of which the first `equal` give the same bits. Both parts stay visible."""
    end = WIDTH - 1.0
    if not diverges:
        return TimeLine(split=end, end=end, diverges=False)
    share = min(1.0, max(0.0, equal / total)) if total > 0 else 0.0
    return TimeLine(split=min(end - 6.0, 1.0 + share * (end - 1.0)), end=end, diverges=True)
