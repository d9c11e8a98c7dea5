"""Groups the readings of a check by settings, and classifies each measured name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from ..factors.factors import CONFIRM
from ..manifest.models import Reading
from ..manifest.operator_tables import expanded
from . import operators

DIGEST = re.compile(r"(?:(?P<name>[a-z][a-z0-9_-]*):)?(?P<hex>[0-9a-f]{8,128})")
BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Hex digits to algorithm, for digests that do not name theirs; manifests of this version use only sha256."""
CONDITIONS = "conditions"
"""The name of a reading's conditions, which are not compared."""

SettingsKey = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """All readings of one check under one setting on one side; entries of tables are separate values."""

    readings: tuple[Reading, ...]
    measured: tuple[Reading, ...]
    """The same readings, with whole tables."""

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


def grouped(readings: Sequence[Reading]) -> dict[str, dict[SettingsKey, Group]]:
    """
    The readings of each check, by settings.

    Confirmations are left out: a coin chose their settings and a rule their names, so two audits have other ones.
    """
    found: dict[str, dict[SettingsKey, list[Reading]]] = {}
    for reading in expanded(readings):
        if CONFIRM in reading.settings:
            continue
        settings = tuple(sorted(reading.settings.items()))
        found.setdefault(reading.check, {}).setdefault(settings, []).append(reading)
    return {
        check: {
            settings: Group(tuple(map(operators.flattened, members)), tuple(members))
            for settings, members in groups.items()
        }
        for check, groups in found.items()
    }


@dataclass(frozen=True)
class Outcomes:
    """The names of two groups, classified."""

    differing: set[str]
    alike: set[str]
    unstable: set[str]
    guessed: set[str]
    """Measured once in a group, but unstable in the unchanged environment."""
    other_inputs: set[str]
    only_a: set[str]
    only_b: set[str]
    mixed: dict[str, tuple[str, str]]
    """Names of digests by different algorithms, with both algorithms."""


def outcomes(left: Group, right: Group, doubtful: set[str]) -> Outcomes:
    """Classify each name; `doubtful` names are unstable in the unchanged environment of a side."""
    single = min(len(left.readings), len(right.readings)) == 1
    other_inputs = operators.with_other_inputs((*left.measured, *right.measured))
    unstable = (left.unstable() | right.unstable()) - other_inputs
    guessed = doubtful - unstable - other_inputs if single else set[str]()
    shared = (left.names() & right.names()) - unstable - guessed - other_inputs
    mixed = {name: told for name in sorted(shared) if (told := algorithms(left.value(name), right.value(name)))}
    differing = {name for name in shared - {*mixed} if left.texts(name) != right.texts(name)}
    return Outcomes(
        differing,
        shared - differing - {*mixed},
        unstable,
        guessed,
        other_inputs,
        left.names() - right.names(),
        right.names() - left.names(),
        mixed,
    )


def tabled(group: Group) -> set[str]:
    """The names of the group's table entries."""
    return {name for name in group.names() if name.startswith(operators.PREFIX)}


def algorithms(left: JsonValue, right: JsonValue) -> tuple[str, str] | None:
    """The two algorithms if two values have digests by different algorithms at the same position; else None."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = (algorithms(left[name], right[name]) for name in left if name in right)
        return next((told for told in found if told), None)
    if isinstance(left, list) and isinstance(right, list):
        return next((told for told in map(algorithms, left, right) if told), None)
    first, second = _algorithm(left), _algorithm(right)
    return (first, second) if first and second and first != second else None


def _algorithm(value: JsonValue) -> str:
    """The algorithm of a digest; empty for any other value."""
    match = DIGEST.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return ""
    return match["name"] or BY_LENGTH.get(len(match["hex"]), "")
