"""The whole comparison of two sides, its verdict, and what it must be read with."""

from __future__ import annotations

from typing import Literal

from ..manifest.models import Fact, Frozen, Outcome
from . import facts, readings, replays
from .candidates import candidates
from .facts import FactDifference
from .operators import OperatorTable
from .readings import ReadingDifference
from .replays import ReplayDifference
from .side import RUN, Side

ComparisonVerdict = Literal["same", "differs", "cannot-tell", "error"]


class FindingDifference(Frozen):
    """A check whose outcome differs."""

    check: str
    framework: str
    a: Outcome
    b: Outcome
    message_a: str
    message_b: str


class Comparison(Frozen):
    """Everything in which two sides differ."""

    facts: list[FactDifference]
    readings: list[ReadingDifference]
    operators: list[OperatorTable] = []
    """The tables of operators that both sides have, also those in which nothing differs."""
    findings: list[FindingDifference]
    replays: list[ReplayDifference] = []
    """Experiments that either side has replayed."""
    notes: list[str]
    """What the reader must know to judge the rest."""
    verdict: ComparisonVerdict
    """
    `same`: nothing material differs; `differs`: a fact that can change numbers does, or a reading, or what a replayed
    experiment gave; `cannot-tell`: nothing is known to differ, and something that decides numbers could not be told;
    `error`: two digests that cannot be compared.
    """


def compare(a: Side, b: Side) -> Comparison:
    """Compare two sides. Pure: nothing is read or measured."""
    differing = facts.differences(*_recorded(a, b))
    other_payload = a.payload_sha256 != b.payload_sha256
    measured, tables = readings.differences(a, b)
    measured = [
        one.model_copy(update={"candidates": candidates(one.framework, differing)}) if one.outcome == "differs" else one
        for one in measured
    ]
    tables = [
        one.model_copy(update={"candidates": candidates(one.framework, differing)}) if one.differing else one
        for one in tables
    ]
    vain = readings.tried_in_vain(a, b)
    replayed = replays.differences(a, b)
    return Comparison(
        facts=differing,
        readings=measured,
        operators=tables,
        findings=_findings(a, b),
        replays=replayed,
        notes=_notes(a, b, vain),
        verdict=_verdict(differing, measured, tables, vain, replayed, other_payload=other_payload),
    )


def _recorded(a: Side, b: Side) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """The facts of both; what a run says of itself only where both sides are runs of an audit."""
    if a.audited and b.audited:
        return a.facts, b.facts
    left, right = ({key: fact for key, fact in side.facts.items() if not key.startswith(RUN)} for side in (a, b))
    return left, right


def _verdict(
    differing: list[FactDifference],
    measured: list[ReadingDifference],
    tables: list[OperatorTable],
    vain: list[str],
    replayed: list[ReplayDifference],
    *,
    other_payload: bool,
) -> ComparisonVerdict:
    """
    Another payload may measure other digests of the same thing: then a reading alone proves no difference.

    Operators that were given other inputs were not compared, so that they agree cannot be said.
    """
    if any(one.outcome == "incomparable" for one in measured):
        return "error"
    moved = any(one.outcome == "differs" for one in measured) or any(one.differing for one in tables)
    if any(one.outcome == "differs" and one.effect != "cannot" for one in differing) or (moved and not other_payload):
        return "differs"
    if any(one.outcome == "differs" for one in replayed):
        return "differs"
    blind = any(one.outcome == "cannot-tell" and one.effect == "changes" for one in differing)
    uncompared = any(one.other_inputs for one in tables)
    untold = any(one.outcome in {"cannot-tell", "unstable"} for one in replayed)
    return "cannot-tell" if blind or moved or vain or uncompared or untold else "same"


def _findings(a: Side, b: Side) -> list[FindingDifference]:
    left = {finding.check: finding for finding in a.findings}
    right = {finding.check: finding for finding in b.findings}
    return [
        FindingDifference(
            check=check,
            framework=left[check].framework,
            a=left[check].outcome,
            b=right[check].outcome,
            message_a=left[check].message,
            message_b=right[check].message,
        )
        for check in sorted({*left} & {*right})
        if left[check].outcome != right[check].outcome
    ]


def _notes(a: Side, b: Side, vain: list[str]) -> list[str]:
    notes = [
        f"{name} is a probe: it has no readings, so only facts were compared"
        for name, side in (("A", a), ("B", b))
        if not side.audited
    ]
    if a.audited and b.audited and a.payload_sha256 != b.payload_sha256:
        notes.append(
            "another auditor measured: the payload's digest differs, so readings may not be comparable, and a reading "
            "that differs is no proof by itself"
        )
    if vain:
        notes.append(f"one side could not measure what the other did: {', '.join(vain)}")
    return notes
