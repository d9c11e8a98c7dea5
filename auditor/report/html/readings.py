"""The readings behind the findings, check by check: the values shortened, since the manifest has them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from ...manifest.models import Reading
from ...quoting.inert import as_text, shortened

MOST_READINGS = 40
"""Readings of one check that are shown."""
MOST_CHECKS = 400
MOST_VALUES = 8
VALUE_CHARACTERS = 60


@dataclass(frozen=True)
class Row:
    """One reading."""

    process: str
    repeat: int
    settings: str
    """What was changed against the user's environment."""
    values: str


@dataclass(frozen=True)
class OfCheck:
    """The readings of one check."""

    check: str
    count: int
    rows: list[Row]


def by_check(readings: Sequence[Reading]) -> list[OfCheck]:
    """The checks in alphabetical order, each with its first readings."""
    found: dict[str, list[Reading]] = {}
    for one in readings:
        found.setdefault(one.check, []).append(one)
    return [
        OfCheck(check, len(members), [_row(one) for one in members[:MOST_READINGS]])
        for check, members in sorted(found.items())[:MOST_CHECKS]
    ]


def _row(one: Reading) -> Row:
    settings = ", ".join(f"{name} {value}" for name, value in sorted(one.settings.items()))
    return Row(one.process, one.repeat, shortened(settings) or "nothing", _values(one.values))


def _values(values: dict[str, JsonValue]) -> str:
    shown = [f"{name}: {_short(values[name])}" for name in list(values)[:MOST_VALUES]]
    more = len(values) - MOST_VALUES
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _short(value: JsonValue) -> str:
    """A value in a few words; of a large one only its size, which costs nothing."""
    if isinstance(value, (dict, list)) and len(value) > MOST_VALUES:
        return f"{len(value)} entries"
    return shortened(as_text(value), VALUE_CHARACTERS)
