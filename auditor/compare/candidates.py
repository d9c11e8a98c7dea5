"""Candidates for the cause of a differing reading: differing facts, ordered by plausibility. They are no proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from ..frameworks import FRAMEWORKS
from .facts import TWINS, FactDifference, canonical_key
from .table.rule import CauseKind

ORDER: tuple[CauseKind, ...] = get_args(CauseKind)
"""The framework's own version, then its libraries, then the processor and its instructions, then switches."""
NOT_RUN = "code."
"""Key prefix of facts about the user's code, which checks do not run."""


def candidates(framework: str, differences: Sequence[FactDifference]) -> list[str]:
    """
    Names of the changes-numbers facts that differ and can concern this framework, most plausible first.

    Within one kind of cause, facts that concern this framework alone come before those that concern all.
    """
    possible = [
        one
        for one in differences
        if one.outcome == "differs" and one.effect == "changes" and not one.key.startswith(NOT_RUN)
    ]
    concerned = [one for one in possible if _concerns(framework, one)]
    return [one.name for one in without_twins(sorted(concerned, key=_plausibility))]


def _plausibility(one: FactDifference) -> tuple[int, int, bool, str]:
    return ORDER.index(one.cause), 0 if len(one.frameworks) == 1 else 1, ".after." in one.key, one.name


def _concerns(framework: str, one: FactDifference) -> bool:
    if framework not in FRAMEWORKS and framework != "python":
        return True  # a lint of the environment may read any fact
    return not one.frameworks or framework in one.frameworks


def without_twins(differences: Sequence[FactDifference]) -> list[FactDifference]:
    """Without facts that were read again after the checks and differ in the same way."""
    first = {(one.key, one.entry): one for one in differences}

    def told_before(one: FactDifference) -> bool:
        twin = first.get((canonical_key(one.key), one.entry))
        return (
            any(one.key.startswith(after) for after, _ in TWINS)
            and twin is not None
            and (twin.outcome, twin.a, twin.b) == (one.outcome, one.a, one.b)
        )

    return [one for one in differences if not told_before(one)]
