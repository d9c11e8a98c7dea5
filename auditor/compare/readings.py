"""The readings that differ between two sides; only values that are stable on each side are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from ..manifest import operator_tables
from ..manifest.models import Finding, Frozen
from . import operators
from .groups import Group, Outcomes, SettingsKey, grouped, outcomes, tabled
from .operators import OperatorTable
from .side import Side

FRAMEWORK_OF_OTHERS = "python"

ReadingOutcome = Literal["differs", "unstable", "incomparable", "one-side"]


class Values(Frozen):
    """The values of one name on both sides."""

    a: JsonValue
    b: JsonValue


class ReadingDifference(Frozen):
    """The comparison of the readings of one check under one setting."""

    check: str
    framework: str
    settings: dict[str, str]
    """The changed settings of the process; empty for the user's environment."""
    outcome: ReadingOutcome
    """
    `differs`: stable on each side, but different; `unstable`: differs within a side, so the sides cannot be compared;
    `incomparable`: digests by different algorithms; `one-side`: the other side has no such value.
    """
    names: list[str]
    values: dict[str, Values] = {}
    """For `differs`: both values of each name."""
    reason: str = ""
    """For the other outcomes: why the values cannot be compared."""
    candidates: list[str] = []
    """For `differs`: names of differing facts that change numbers, most plausible first; they are no proof."""


def differences(a: Side, b: Side) -> tuple[list[ReadingDifference], list[OperatorTable]]:
    """
    Every check's readings that differ, are unstable, cannot be compared, or exist on one side only.

    The second list has each pair of tables of operators that both sides have.
    """
    left, right = grouped(a.readings), grouped(b.readings)
    frameworks = {finding.check: finding.framework for finding in (*a.findings, *b.findings)}
    found: list[ReadingDifference | OperatorTable] = []
    for check in sorted({*left, *right}):
        framework = frameworks.get(check) or _framework(check)
        if check in left and check in right:
            found += _compared(check, framework, left[check], right[check])
        else:
            found += _alone(check, framework, a, b, measured_in_a=check in left)
    tables = [one for one in found if isinstance(one, OperatorTable)]
    return [one for one in found if isinstance(one, ReadingDifference)], tables


def _framework(check: str) -> str:
    """The framework that a check's id begins with."""
    first = check.split("-", maxsplit=1)[0]
    return first if first in ("torch", "tensorflow", "jax", "environment") else FRAMEWORK_OF_OTHERS


def _compared(
    check: str, framework: str, left: Mapping[SettingsKey, Group], right: Mapping[SettingsKey, Group]
) -> Iterator[ReadingDifference | OperatorTable]:
    doubtful = {
        name
        for groups in (left, right)
        for settings, group in groups.items()
        if not _changed(settings)
        for name in group.unstable()
    }
    for settings in sorted({*left} & {*right}):
        yield from _at_settings((check, framework), settings, left[settings], right[settings], doubtful)


def _changed(settings: SettingsKey) -> bool:
    """Whether a setting other than the compile cache was changed."""
    return any(name != "compile-cache" for name, _ in settings)


def _at_settings(
    about: tuple[str, str], settings: SettingsKey, left: Group, right: Group, doubtful: set[str]
) -> Iterator[ReadingDifference | OperatorTable]:
    told = outcomes(left, right, doubtful)
    yield from _of_values(about, settings, left, right, told)
    if tabled(left) and tabled(right):
        yield _of_operators(about, settings, left, right, told)


def _of_values(
    about: tuple[str, str], settings: SettingsKey, left: Group, right: Group, told: Outcomes
) -> Iterator[ReadingDifference]:
    def entry(outcome: ReadingOutcome, names: Sequence[str], reason: str) -> ReadingDifference:
        check, framework = about
        return ReadingDifference(
            check=check, framework=framework, settings=dict(settings), outcome=outcome, names=[*names], reason=reason
        )

    differing, _ = operators.apart(told.differing)
    if differing:
        values = {name: Values(a=left.value(name), b=right.value(name)) for name in differing}
        yield entry("differs", differing, "").model_copy(update={"values": values})
    unstable, _ = operators.apart(told.unstable)
    if unstable:
        where = _where(left.unstable(), right.unstable())
        yield entry("unstable", unstable, f"it differs within {where}, so A and B cannot be compared")
    guessed, _ = operators.apart(told.guessed)
    if guessed:
        reason = "measured once here, and unstable in the unchanged environment, so A and B cannot be compared"
        yield entry("unstable", guessed, reason)
    for name, (first, second) in told.mixed.items():
        reason = f"A has a digest by {first}, B one by {second}, which cannot be compared"
        yield entry("incomparable", [name.removeprefix(operators.PREFIX)], reason)
    lonely, _ = operators.apart(told.only_a | told.only_b)
    if bool(tabled(left)) != bool(tabled(right)):
        lonely = [*lonely, operator_tables.TABLE]
    if lonely:
        yield entry("one-side", lonely, "only one side has this value")


def _of_operators(
    about: tuple[str, str], settings: SettingsKey, left: Group, right: Group, told: Outcomes
) -> OperatorTable:
    check, framework = about
    _, differing = operators.apart(told.differing)
    _, alike = operators.apart(told.alike)
    both = [{name: group.value(operators.PREFIX + name) for name in differing} for group in (left, right)]
    present = left.names() & right.names()
    return OperatorTable(
        check=check,
        framework=framework,
        settings=dict(settings),
        compared=len(differing) + len(alike),
        differing=operators.differences(differing, *both),
        other_inputs=operators.apart(told.other_inputs & present)[1],
        unstable=operators.apart(told.unstable | told.guessed)[1],
        only_a=operators.apart(told.only_a)[1],
        only_b=operators.apart(told.only_b)[1],
    )


def _where(left: set[str], right: set[str]) -> str:
    return "both sides" if left and right else "A" if left else "B"


def _alone(check: str, framework: str, a: Side, b: Side, *, measured_in_a: bool) -> Iterator[ReadingDifference]:
    """A check that one side measured, if the other side is an audit."""
    other, name = (b, "B") if measured_in_a else (a, "A")
    if not other.audited:
        return
    outcome = next((finding.outcome for finding in other.findings if finding.check == check), None)
    said = f"its outcome is {outcome}" if outcome else "it was not run"
    yield ReadingDifference(
        check=check,
        framework=framework,
        settings={},
        outcome="one-side",
        names=[],
        reason=f"{name} has no reading of the check: {said}",
    )


def tried_in_vain(a: Side, b: Side) -> list[str]:
    """Checks that one side measured, and the other side ran without a result."""
    found = set()
    for side, other in ((a, b), (b, a)):
        measured = {reading.check for reading in other.readings} - {reading.check for reading in side.readings}
        found |= {item.check for item in side.findings if item.check in measured and _vain(item)}
    return sorted(found)


def _vain(finding: Finding) -> bool:
    return finding.outcome in ("error", "inconclusive")
