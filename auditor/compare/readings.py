"""Which readings differ between two sides: only where each side agrees with itself."""

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
    """What both sides measured under one name."""

    a: JsonValue
    b: JsonValue


class ReadingDifference(Frozen):
    """What the readings of one check under one setting say about two sides."""

    check: str
    framework: str
    settings: dict[str, str]
    """What was changed in the process; empty for the user's own environment."""
    outcome: ReadingOutcome
    """
    `differs`: each side agrees with itself, and they do not with each other; `unstable`: a side does not agree with
    itself, so nothing follows; `incomparable`: digests of two algorithms; `one-side`: the other has no such value.
    """
    names: list[str]
    values: dict[str, Values] = {}
    """For `differs`: both values of each name."""
    reason: str = ""
    """For the others: why nothing follows."""
    candidates: list[str] = []
    """For `differs`: names of the changes-numbers facts that differ too, most plausible first; no proof."""


def differences(a: Side, b: Side) -> tuple[list[ReadingDifference], list[OperatorTable]]:
    """
    Every check's readings that differ, are unstable, cannot be compared, or stand on one side alone.

    Beside them each pair of tables of operators that both sides have.
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
    """Ids begin with their framework."""
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
    """Whether anything but the place of compiled code was changed."""
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
        yield entry("unstable", unstable, f"it differs within {where}: whether A and B differ cannot be told")
    guessed, _ = operators.apart(told.guessed)
    if guessed:
        reason = "measured once here, and unstable in the untouched environment: whether A and B differ cannot be told"
        yield entry("unstable", guessed, reason)
    for name, (first, second) in told.mixed.items():
        reason = f"A has a digest by {first}, B one by {second}: no two of them compare"
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
    """A check that one side measured: told where the other is an audit, which could have."""
    other, name = (b, "B") if measured_in_a else (a, "A")
    if not other.audited:
        return
    outcome = next((finding.outcome for finding in other.findings if finding.check == check), None)
    said = f"it is {outcome} there" if outcome else "it was not asked for there"
    yield ReadingDifference(
        check=check,
        framework=framework,
        settings={},
        outcome="one-side",
        names=[],
        reason=f"{name} has no reading of it: {said}",
    )


def tried_in_vain(a: Side, b: Side) -> list[str]:
    """Checks that one side measured and the other tried and could not: that they agree cannot be said."""
    found = set()
    for side, other in ((a, b), (b, a)):
        measured = {reading.check for reading in other.readings} - {reading.check for reading in side.readings}
        found |= {item.check for item in side.findings if item.check in measured and _vain(item)}
    return sorted(found)


def _vain(finding: Finding) -> bool:
    return finding.outcome in ("error", "inconclusive")
