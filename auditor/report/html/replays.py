"""A replayed experiment: where it began to differ, what it reached, the differing texts, what each factor moves."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from ...manifest.agreement import number
from ...manifest.models import Replay, Varied
from ...quoting.inert import as_text, shortened
from ...render import attached
from . import plots

LARGEST_COUNT = 2**53
KINDS = {"computed": "a result", "time": "a time", "identity": "a name of the run"}


@dataclass(frozen=True)
class Told:
    """A replay as it is shown."""

    one: Replay
    verdict: str
    rows: list[tuple[str, str]]
    place: str
    """File and line at which it began; empty if no line is known."""
    code: str
    steps: list[str]
    """The time line in words: what was equal, where it began, what it reached."""
    bar: plots.TimeLine | None
    """None where the difference began in no recorded operation, or the place among them is not known."""
    differences: list[tuple[str, str, str, str]]
    """Where, kind, and what both runs have there."""
    moved: list[tuple[str, str, str, str]]
    """Factor with its value, outcome, what differs first, note."""


def of(one: Replay) -> Told:
    """The replay as it is shown."""
    source = one.divergence.get("source")
    line = source if isinstance(source, dict) else {}
    return Told(
        one=one,
        verdict=attached.verdict(one),
        rows=attached.rows(one, factors=False),  # they have a table of their own
        place=shortened(f"{as_text(line.get('file'))}:{as_text(line.get('line'))}") if line else "",
        code=as_text(line.get("code", "")) if line else "",
        steps=_steps(one),
        bar=_bar(one),
        differences=[
            (f"{two.where} {two.place}".strip(), KINDS[two.kind], two.first, two.second) for two in one.differences
        ],
        moved=[_moved(one, each) for each in one.sensitivity],
    )


def _index(one: Replay) -> int | None:
    """How many records of its stream came before the one that began the difference; None if none began it."""
    found = one.divergence.get("index")
    known = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < LARGEST_COUNT
    return found if known and isinstance(found, int) and one.divergence.get("op") else None


def _bar(one: Replay) -> plots.TimeLine | None:
    index = _index(one)
    if one.verdict == "identical":
        if not one.operations or not one.operations_equal:
            return None
        return plots.time_line(one.operations, one.operations, diverges=False)
    if index is None or index >= one.operations:
        return None  # records that are no operations of a framework, or of another process, have no place among them
    return plots.time_line(index, one.operations, diverges=True)


def _steps(one: Replay) -> list[str]:
    index = _index(one)
    if one.verdict == "identical":
        return [f"{one.runs} runs {attached.agreement(one)}."]
    if index is None:
        nothing = "No recorded operation began the difference: only what the program printed or wrote differs."
        return [nothing] if one.verdict == "diverged" else []
    before = f"{index} recorded step{'' if index == 1 else 's'} of its stream"
    found = one.divergence
    told = [f"Equal: {before} before it. {one.operations} framework operations were recorded in all."]
    told.append(f"Begins: {as_text(found.get('op', ''))}{_inputs(found.get('inputs_equal'))}.")
    if reaches := as_text(found.get("reaches") or ""):
        told.append(f"Becomes visible at: {reaches}.")
    received = found.get("received")
    if isinstance(received, list) and received:
        told.append(f"Processes that received it: {as_text(received)}.")
    if found.get("absorbed") is True:
        told.append("In these runs the operations that read it gave equal outputs all the same.")
    return [shortened(each) for each in told]


def _inputs(equal: JsonValue) -> str:
    return {True: ", with equal inputs", False: ", with other inputs"}[equal] if isinstance(equal, bool) else ""


def _moved(one: Replay, row: Varied) -> tuple[str, str, str, str]:
    largest = number(row.relative_difference)
    by = f", by up to {largest:.2g} of the printed numbers" if largest > 0 else ""
    counted = f"{row.runs} run{'' if row.runs == 1 else 's'}"
    return f"{row.factor}={row.value}", f"{attached.moved(one, row)}{by}; {counted}", row.first, row.note
