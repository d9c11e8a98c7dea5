"""Which readings differ between two sides: only where each side agrees with itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from ..manifest import Finding, Frozen, Reading
from .side import Side

DIGEST = re.compile(r"(?:(?P<name>[a-z][a-z0-9_-]*):)?(?P<hex>[0-9a-f]{8,128})")
BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Algorithms of digests that do not name theirs, by their hex digits: manifests of this version use sha256 alone."""
CONDITIONS = "conditions"
"""What a measurement depended on; never compared."""
FRAMEWORK_OF_OTHERS = "python"

Settings = tuple[tuple[str, str], ...]
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


@dataclass(frozen=True)
class Group:
    """All readings of one check under one setting on one side."""

    readings: tuple[Reading, ...]

    def names(self) -> set[str]:
        """Every name that was measured."""
        return {name for reading in self.readings for name in reading.values if name != CONDITIONS}

    def texts(self, name: str) -> set[str]:
        """The distinct values of a name, as canonical text; a reading without it counts as one."""
        return {
            json.dumps(reading.values[name], sort_keys=True) if name in reading.values else ""
            for reading in self.readings
        }

    def unstable(self) -> set[str]:
        """Names that differ within this side."""
        return {name for name in self.names() if len(self.texts(name)) > 1}

    def value(self, name: str) -> JsonValue:
        """The value of a stable name."""
        return self.readings[0].values[name]


def differences(a: Side, b: Side) -> list[ReadingDifference]:
    """Every check's readings that differ, are unstable, cannot be compared, or stand on one side alone."""
    left, right = _grouped(a.readings), _grouped(b.readings)
    frameworks = {finding.check: finding.framework for finding in (*a.findings, *b.findings)}
    found: list[ReadingDifference] = []
    for check in sorted({*left, *right}):
        framework = frameworks.get(check) or _framework(check)
        if check in left and check in right:
            found += _compared(check, framework, left[check], right[check])
        else:
            found += _alone(check, framework, a, b, measured_in_a=check in left)
    return found


def _grouped(readings: Sequence[Reading]) -> dict[str, dict[Settings, Group]]:
    found: dict[str, dict[Settings, list[Reading]]] = {}
    for reading in readings:
        settings = tuple(sorted(reading.settings.items()))
        found.setdefault(reading.check, {}).setdefault(settings, []).append(reading)
    return {
        check: {settings: Group(tuple(members)) for settings, members in groups.items()}
        for check, groups in found.items()
    }


def _framework(check: str) -> str:
    """Ids begin with their framework."""
    first = check.split("-", maxsplit=1)[0]
    return first if first in ("torch", "tensorflow", "jax", "environment") else FRAMEWORK_OF_OTHERS


def _compared(
    check: str, framework: str, left: Mapping[Settings, Group], right: Mapping[Settings, Group]
) -> Iterator[ReadingDifference]:
    doubtful = {
        name
        for groups in (left, right)
        for settings, group in groups.items()
        if not _changed(settings)
        for name in group.unstable()
    }
    for settings in sorted({*left} & {*right}):
        yield from _at_settings((check, framework), settings, left[settings], right[settings], doubtful)


def _changed(settings: Settings) -> bool:
    """Whether anything but the place of compiled code was changed."""
    return any(name != "compile-cache" for name, _ in settings)


def _at_settings(
    about: tuple[str, str], settings: Settings, left: Group, right: Group, doubtful: set[str]
) -> Iterator[ReadingDifference]:
    single = min(len(left.readings), len(right.readings)) == 1
    unstable = left.unstable() | right.unstable()
    guessed = doubtful - unstable if single else set[str]()
    shared = (left.names() & right.names()) - unstable - guessed
    mixed = {name: told for name in sorted(shared) if (told := algorithms(left.value(name), right.value(name)))}
    differing = sorted(name for name in shared - {*mixed} if left.texts(name) != right.texts(name))

    def entry(outcome: ReadingOutcome, names: Sequence[str], reason: str) -> ReadingDifference:
        check, framework = about
        return ReadingDifference(
            check=check, framework=framework, settings=dict(settings), outcome=outcome, names=[*names], reason=reason
        )

    if differing:
        values = {name: Values(a=left.value(name), b=right.value(name)) for name in differing}
        yield entry("differs", differing, "").model_copy(update={"values": values})
    if unstable:
        where = _where(left.unstable(), right.unstable())
        yield entry("unstable", sorted(unstable), f"it differs within {where}: whether A and B differ cannot be told")
    if guessed:
        reason = "measured once here, and unstable in the untouched environment: whether A and B differ cannot be told"
        yield entry("unstable", sorted(guessed), reason)
    for name, told in mixed.items():
        yield entry("incomparable", [name], f"A has a digest by {told[0]}, B one by {told[1]}: no two of them compare")
    if lonely := left.names() ^ right.names():
        yield entry("one-side", sorted(lonely), "only one side has this value")


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


def algorithms(left: JsonValue, right: JsonValue) -> tuple[str, str] | None:
    """The two algorithms, where two values hold digests by different ones at the same place; else None."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = (algorithms(left[name], right[name]) for name in left if name in right)
        return next((told for told in found if told), None)
    if isinstance(left, list) and isinstance(right, list):
        return next((told for told in map(algorithms, left, right) if told), None)
    first, second = _algorithm(left), _algorithm(right)
    return (first, second) if first and second and first != second else None


def _algorithm(value: JsonValue) -> str:
    """The algorithm of a digest, or empty for what is none."""
    match = DIGEST.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return ""
    return match["name"] or BY_LENGTH.get(len(match["hex"]), "")
