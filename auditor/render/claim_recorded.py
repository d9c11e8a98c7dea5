"""A claim of a manifest, judged again by its own values: a signature says who wrote a verdict, not that it follows."""

from __future__ import annotations

from ..claim.reported import Kind, stated
from ..claim.rule import Judgement, other_seeds, same_seeds
from ..errors import AuditorError
from ..manifest.models import Claim

MOST_VALUES = 10_000
"""More runs are no claim; their exact sums would take long."""


def judged(one: Claim) -> Judgement | None:
    """What the rule says of the recorded values; None for a claim that it cannot judge. Everything is a stranger's."""
    kind: Kind | None = one.spread or None
    if not 0 < len(one.values) <= MOST_VALUES:
        return None
    try:
        told = stated(one.reported, kind, one.reported_runs)
        values = [float.fromhex(value) for value in one.values]
        return (same_seeds if one.rule == "same-seeds" else other_seeds)(told, values)
    except (AuditorError, ArithmeticError, ValueError):
        return None


def follows(one: Claim) -> bool:
    """Whether the recorded verdict and mean are those of the recorded values."""
    found = judged(one)
    return found is not None and (found.verdict, found.mean.hex()) == (one.verdict, one.mean)
