"""
Rules: pure functions of one check's readings to a verdict, or to an ask for more measuring.

Nothing here runs anything, so anyone with a manifest can judge its readings again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..catalogue import CheckInfo
from ..manifest import Reading
from .expected import expected
from .identical import identical
from .readings import group, settings_text
from .verdict import Arm, Ask, Verdict
from .within import within

__all__ = ["RULES", "Arm", "Ask", "Verdict", "judge", "settings_text"]

Rule = Callable[[CheckInfo, Sequence[Reading], Sequence[Mapping[str, str]]], Verdict | Ask]

RULES: dict[str, Rule] = {"identical": identical, "within": within, "expected": expected}


def judge(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]] = ()) -> Verdict | Ask:
    """
    Apply the check's rule to its readings.

    Args:
        check: the declaration, which names the rule.
        readings: all readings of this check so far.
        asked: settings that were asked for in earlier rounds, whether or not they answered; no rule asks twice.
    """
    if not group(readings, {}):
        return Verdict("inconclusive", "no reading from an untouched process arrived, so nothing can be judged")
    return RULES[check.rule](check, readings, asked)
