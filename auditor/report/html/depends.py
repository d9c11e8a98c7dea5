"""What the measured results depend on: the factors that a finding's evidence names, with what each moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from ...factors.factors import FACTORS
from ...manifest.models import Finding
from ...quoting.inert import shortened

NAMES_SHOWN = 6
MOST_ROWS = 200


@dataclass(frozen=True)
class Row:
    """One factor in one check."""

    factor: str
    meaning: str
    check: str
    moves: str
    """The first names of what it moves, and how many more."""
    fault: bool
    """Whether no result may depend on it; otherwise it is only recorded."""


def rows(findings: Sequence[Finding]) -> list[Row]:
    """Factor by factor, in the order of the catalogue of factors; unknown ones last."""
    found = [row for one in findings for row in _of(one)]
    order = {name: place for place, name in enumerate(FACTORS)}
    return sorted(found, key=lambda row: (order.get(row.factor, len(order)), row.factor, row.check))[:MOST_ROWS]


def _of(one: Finding) -> list[Row]:
    told = one.evidence.get("factors")
    return [_row(one, factor, names) for factor, names in told.items() if names] if isinstance(told, dict) else []


def _row(one: Finding, factor: str, names: JsonValue) -> Row:
    known = FACTORS.get(factor)
    members = [str(name) for name in names] if isinstance(names, list) else []
    more = f" and {len(members) - NAMES_SHOWN} more" if len(members) > NAMES_SHOWN else ""
    moves = shortened(", ".join(members[:NAMES_SHOWN])) + more
    return Row(
        factor=factor,
        meaning=known.meaning if known else "not a factor of this version",
        check=one.check,
        moves=moves or "not named",
        fault=known is None or known.innocent,
    )
