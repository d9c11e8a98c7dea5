"""
Rules: pure functions from one check's readings to a verdict, or to a request for more arms.

Rules start no process, so a manifest's readings can be judged again at any time.
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
from .readings import compared, group, lacking, names_text, settings_text, without_steady
from .staged import staged
from .verdict import Arm, Ask, Suspect, Verdict
from .within import within

__all__ = ["RULES", "Arm", "Ask", "Suspect", "Verdict", "judge", "settings_text"]

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
        asked: settings of the arms requested in earlier rounds, answered or not; no rule requests one twice.
    """
    measured, apart = operators.flattened(without_steady(check, expanded(readings)))
    base = group(measured, {})
    if not base:
        return Verdict("inconclusive", "no unchanged process gave a reading, so the check cannot be judged")
    absent = lacking(base)
    if absent and not any(compared(reading) for reading in base):
        return Verdict("not-applicable", f"this installation lacks every case of the check: {names_text(absent)}")
    answer = RULES[check.rule](check, measured, asked)
    if isinstance(answer, Ask):
        return answer
    sure = confidence.evidence(base) if answer.outcome in ("pass", "fail") else {}
    return _with_lacking(_with_apart(replace(answer, evidence={**sure, **answer.evidence}), apart), absent)


def _with_lacking(verdict: Verdict, absent: Sequence[str]) -> Verdict:
    """The verdict, with the cases that the audited release lacks."""
    if not absent:
        return verdict
    message = f"{verdict.message}; not measured, because this installation lacks them: {names_text(absent)}"
    return replace(verdict, message=message, evidence={**verdict.evidence, "not_in_this_release": [*absent]})


def _with_apart(verdict: Verdict, apart: Sequence[str]) -> Verdict:
    """The verdict, with the names that were not compared because their inputs differed."""
    if not apart:
        return verdict
    message = f"{verdict.message}; not compared, because their inputs differed: {names_text(apart)}"
    return replace(verdict, message=message, evidence={**verdict.evidence, "not_compared": [*apart]})
