"""What came out of an audit, a replay or a claim, in a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..manifest.models import Finding, Predicate
from ..manifest.queries import of_outcome
from ..render import claims, summary

Grade = Literal["held", "failed", "unknown"]
WORST_FIRST: tuple[Grade, ...] = ("failed", "unknown", "held")
CLAIMED: dict[str, Grade] = {
    "confirmed": "held",
    "not-confirmed": "failed",
    "too-few-runs": "unknown",
    "contradicted": "failed",
}
REPLAYED: dict[str, Grade] = {"identical": "held", "diverged": "failed", "inconclusive": "unknown"}


@dataclass(frozen=True)
class Outcome:
    """The few words, and what they amount to."""

    words: str
    grade: Grade
    """`unknown` where anything could not be measured and nothing failed: it never looks like `held`."""


def outcome(predicate: Predicate) -> Outcome:
    """The verdicts of all replays and claims, and the counts of the checks."""
    replays = Counter(one.verdict for one in predicate.replays)
    words = [f"replay {verdict}" if count == 1 else f"{count} replays {verdict}" for verdict, count in replays.items()]
    grades = [REPLAYED[verdict] for verdict in replays]
    if any(one.partial for one in predicate.replays):
        words.append("replay incomplete")
        grades.append("unknown")
    for verdict, count in Counter(map(claims.word, predicate.claims)).items():
        named = claims.WORDS[verdict].lower()
        words.append(f"claim {named}" if count == 1 else f"{count} claims {named}")
        grades.append(CLAIMED[verdict])
    if predicate.findings:
        words.append(_counts(predicate.findings))
        grades.append(_grade(predicate.findings))
    if not words:
        return Outcome("nothing was measured", "unknown")
    return Outcome("; ".join(words), min(grades, key=WORST_FIRST.index))


def _counts(findings: Sequence[Finding]) -> str:
    held, failed = len(of_outcome(findings, "pass")), len(of_outcome(findings, "fail"))
    unmeasured = len(summary.unmeasured(findings))
    told = f"{held} check{'' if held == 1 else 's'} held, {failed} failed"
    return f"{told}, {unmeasured} not measured" if unmeasured else told


def _grade(findings: Sequence[Finding]) -> Grade:
    if of_outcome(findings, "fail"):
        return "failed"
    return "unknown" if summary.unmeasured(findings) or not of_outcome(findings, "pass") else "held"
