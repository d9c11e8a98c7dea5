"""The whole comparison of two sides, its verdict and its notes."""

from __future__ import annotations

from typing import Literal

from ..manifest.models import Fact, Frozen, Outcome
from . import experiments, facts, readings, replays
from .candidates import candidates
from .experiments import ExperimentComparison
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
    """The tables of operators that both sides have, including those without a difference."""
    findings: list[FindingDifference]
    replays: list[ReplayDifference] = []
    """Experiments that at least one side has replayed."""
    experiment: ExperimentComparison | None = None
    """The operators of a program, if both sides measured them."""
    notes: list[str]
    """Limitations of the comparison."""
    verdict: ComparisonVerdict
    """
    `same`: no difference that can change numbers; `differs`: a fact that can change numbers, a reading or a replayed
    experiment's output differs; `cannot-tell`: no such difference, but something that can change numbers is not known;
    `error`: digests by different algorithms.
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
    program = experiments.compared(a.experiment, b.experiment, differing)
    return Comparison(
        facts=differing,
        readings=measured,
        operators=tables,
        findings=_findings(a, b),
        replays=replayed,
        experiment=program,
        notes=_notes(a, b, vain),
        verdict=_verdict(differing, measured, tables, vain, replayed, program=program, other_payload=other_payload),
    )


def _recorded(a: Side, b: Side) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """The facts of both sides; facts about the run only if both sides are audits."""
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
    program: ExperimentComparison | None,
    other_payload: bool,
) -> ComparisonVerdict:
    """
    With different payloads, a differing reading alone is not a difference: the payloads may measure different things.

    Operators with different inputs were not compared, so agreement is not known.
    """
    if any(one.outcome == "incomparable" for one in measured):
        return "error"
    moved = any(one.outcome == "differs" for one in measured) or any(one.differing for one in tables)
    moved = moved or bool(program and program.differing)
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
        f"{name} is the output of a probe, which has no readings, so only facts were compared"
        for name, side in (("A", a), ("B", b))
        if not side.audited
    ]
    if a.audited and b.audited and a.payload_sha256 != b.payload_sha256:
        notes.append(
            "different versions of the checks measured A and B, so a differing reading alone does not show that the "
            "environments differ"
        )
    if vain:
        notes.append(f"measured on one side only, since the other side failed to measure: {', '.join(vain)}")
    return notes
