"""
Operators by contract, as a table whose cells are coloured.

They are those of an audited program, and those of the checks that run a framework's whole catalogue of operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...manifest.models import Experiment, Finding, Predicate, Reading
from ...manifest.operator_tables import TABLE, is_compact
from ...manifest.program import OPERATORS, OUTCOMES
from ...manifest.queries import deviating

MOST_ROWS = 3000
"""Operators that are shown; PyTorch's test catalogue has 702 entries."""
HELD, MOVES = "repeats", "moves-with-threads"


@dataclass
class Cell:
    """One operator under one contract."""

    measured: int = 0
    broken: int = 0
    allowed: int = 0
    """Of the broken ones, those that move with the number of threads."""
    words: str = ""
    """What a broken one was measured to do, where one outcome is recorded for each signature."""

    @property
    def kind(self) -> str:
        """`held`, `bad`, `none`, or `open` for what moves with the number of threads only, which nobody promises."""
        if self.broken:
            return "open" if self.allowed == self.broken else "bad"
        return "held" if self.measured else "none"


@dataclass(frozen=True)
class HeatMap:
    """The table."""

    contracts: list[str]
    """Ids of checks."""
    rows: list[tuple[str, list[Cell]]]
    """Operators, those that break most first."""
    more: int
    """Operators that are left out."""


def heat_map(predicate: Predicate) -> HeatMap | None:
    """The table; None where the manifest holds no operators."""
    cells: dict[str, dict[str, Cell]] = {}
    columns: dict[str, None] = {}
    for check, operator, outcome in _outcomes(predicate):
        columns[check] = None
        cell = cells.setdefault(operator, {}).setdefault(check, Cell())
        cell.measured += 1
        if outcome != HELD:
            cell.broken += 1
            cell.allowed += outcome == MOVES
            cell.words = cell.words or OUTCOMES.get(outcome, outcome)
    if not cells:
        return None
    rows = [(operator, [found.get(check, Cell()) for check in columns]) for operator, found in cells.items()]
    rows.sort(
        key=lambda row: (
            -sum(cell.broken - cell.allowed for cell in row[1]),
            -sum(cell.broken for cell in row[1]),
            row[0],
        )
    )
    return HeatMap([*columns], rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _outcomes(predicate: Predicate) -> Iterator[tuple[str, str, str]]:
    """Check, operator and outcome of each thing that was measured."""
    if predicate.experiment is not None:
        yield from _of_program(predicate.experiment)
    yield from _of_tables(predicate.readings, predicate.findings)


def _of_program(held: Experiment) -> Iterator[tuple[str, str, str]]:
    for one in held.measured.values():
        yield OPERATORS, str(one.get("operator", "")), str(one.get("outcome", ""))


def _of_tables(readings: Sequence[Reading], findings: Sequence[Finding]) -> Iterator[tuple[str, str, str]]:
    """The entries of each check's first whole table; broken are those that its failed finding names."""
    broken = {one.check: {*deviating(one.evidence)} for one in findings if one.outcome == "fail"}
    judged = {one.check for one in findings if one.outcome in ("pass", "fail")}
    for check, table in _first_tables(readings).items():
        for name in table if check in judged else ():
            yield check, name.rpartition(" ")[0] or name, "deviates" if name in broken.get(check, ()) else HELD


def _first_tables(readings: Sequence[Reading]) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for reading in readings:
        table = reading.values.get(TABLE)
        if isinstance(table, dict) and not is_compact(table):
            found.setdefault(reading.check, table)
    return found
