"""
Rules: pure functions of one check's readings to a verdict, or to an ask for more measuring.

Nothing here runs anything, so anyone with a manifest can judge its readings again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..catalogue.catalogue import CheckInfo
from ..manifest.models import Reading
from ..manifest.operator_tables import expanded
from . import confidence, operators
from .different import different
from .expected import expected
from .identical import identical
from .readings import group, names_text, settings_text, without_steady
from .staged import staged
from .verdict import Arm, Ask, Verdict
from .within import within

__all__ = ["RULES", "Arm", "Ask", "Verdict", "judge", "settings_text"]

RuleFunction = Callable[[CheckInfo, Sequence[Reading], Sequence[Mapping[str, str]]], Verdict | Ask]

RULES: dict[str, RuleFunction] = {
    "identical": identical,
    "within": within,
    "expected": expected,
    "different": different,
    "staged": staged,
}


def judge(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]] = ()) -> Verdict | Ask:
    """
    Apply the check's rule to its readings.

    Args:
        check: the declaration, which names the rule.
        readings: all readings of this check so far.
        asked: settings that were asked for in earlier rounds, whether or not they answered; no rule asks twice.
    """
    measured, apart = operators.flattened(without_steady(check, expanded(readings)))
    base = group(measured, {})
    if not base:
        return Verdict("inconclusive", "no reading from an untouched process arrived, so nothing can be judged")
    answer = RULES[check.rule](check, measured, asked)
    if isinstance(answer, Ask):
        return answer
    sure = confidence.evidence(base) if answer.outcome in ("pass", "fail") else {}
    return _with_apart(replace(answer, evidence={**sure, **answer.evidence}), apart)


def _with_apart(verdict: Verdict, apart: Sequence[str]) -> Verdict:
    """The verdict, saying what was not compared because its inputs differed."""
    if not apart:
        return verdict
    message = f"{verdict.message}; not compared, since their inputs differed: {names_text(apart)}"
    return replace(verdict, message=message, evidence={**verdict.evidence, "not_compared": [*apart]})
