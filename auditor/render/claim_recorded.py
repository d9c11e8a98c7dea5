"""A claim of a manifest, judged again by its own values: a signature says who wrote a verdict, not that it follows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..claim.reported import Kind, Stated, stated
from ..claim.rule import Judgement, expected_interval, other_seeds, same_seeds
from ..errors import AuditorError
from ..manifest.models import Claim
from ..quoting.inert import hex_float

MOST_VALUES = 10_000
"""More runs are no claim; their exact sums would take long."""
TOLERANCE = 1e-6
"""Relative: mathematical libraries of other machines round otherwise."""


def follows(one: Claim) -> bool:
    """Whether verdict and figures are those of the recorded values. Everything in a claim is a stranger's."""
    kind: Kind | None = one.spread or None
    if not 0 < len(one.values) == len(one.seeds) <= MOST_VALUES:
        return False
    if one.rule == "same-seeds" and len(one.values) != one.reported_runs:
        return False
    try:
        told = stated(one.reported, kind, one.reported_runs)
        values = [float.fromhex(value) for value in one.values]
        found = (same_seeds if one.rule == "same-seeds" else other_seeds)(told, values)
        return _words(found) == _words(one) and all(_equal(*pair) for pair in _figures(one, told, found, values))
    except (AuditorError, ArithmeticError, ValueError):
        return False


def _words(one: Claim | Judgement) -> tuple[object, ...]:
    return one.verdict, (*one.differs,), one.divisor, one.alike


def _figures(one: Claim, told: Stated, found: Judgement, values: Sequence[float]) -> Iterator[tuple[str, float | None]]:
    """Each recorded figure, with the one that follows from the values."""
    yield one.mean, found.mean
    yield one.own_spread, found.spread
    yield one.low, found.low
    yield one.high, found.high
    yield one.power, found.power
    expected = expected_interval(told, values) if one.rule == "other-seeds" and found.low is not None else None
    yield one.visible, expected.visible if expected else None
    needed = expected.needed if expected and found.verdict == "too-few-runs" and not found.alike else None
    yield "" if one.needed is None else float(one.needed).hex(), needed


def _equal(recorded: str, following: float | None) -> bool:
    if following is None:
        return not recorded
    told = hex_float(recorded)
    return told is not None and math.isclose(told, following, rel_tol=TOLERANCE)
