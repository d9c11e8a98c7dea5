"""
Locates a proven cause: the statement that differs without the factor and agrees under it.

A statement that gives an object an unused id seems to begin every difference in that object. Under the proven factor
the outputs agree, so a statement that still differs there is not the cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ..alignment.events import Shared, describe
from ..alignment.two_streams import AlignedPair, align
from ..provenance.origin_model import STATEMENTS, EarlierValue, Origin, earlier_value
from ..runs.run import Run
from ..trace.archive import TaskKey, Trace, open_trace
from ..trace.format import DRAW, OUTSIDE, SourceLine
from .baseline_run import BaselineSearch, Runner
from .interventions import Hypothesis

MOST_STEPS = 300_000
"""Limit for one task; as many as taint is propagated."""
LOOK_BACK_RECORDS = 4096
MOST_PARTNERS = 3
"""Limit of the runs until one differs from the baseline."""
StatementOutput = tuple[str, SourceLine, str]
"""(name, line, meta of the value) of a statement."""


def placed(run: Runner, found: BaselineSearch, hypothesis: Hypothesis) -> Origin | None:
    """
    The first statement that agrees under the factor, in the task where the difference began.

    `found` is a search among runs by statement. Its own origin is returned if that agrees under the factor, or if no
    further run shows the difference again; None if every statement still differs.
    """
    origin = found.origin
    if origin is None or origin.name not in STATEMENTS:
        return origin
    under = (run(hypothesis.settings, f"with the cure, for the place, {number} of 2") for number in (1, 2))
    left = differing(next(under), next(under), origin.key)
    if not any(one[:2] == (origin.name, origin.source) for one in left):
        return origin
    for number in range(MOST_PARTNERS):
        without = differing(found.base, run({}, f"for the place, {number + 1} of at most {MOST_PARTNERS}"), origin.key)
        first = next((step for step in without if step not in left), None)
        if first is not None:
            name, source, meta = first
            moved = replace(origin, at=without[first], name=name, source=source, meta=meta, inputs_equal=None)
            return replace(moved, before=tuple(_came_in(found.base, moved)))
    return None


def _came_in(run: Run, origin: Origin) -> Iterator[EarlierValue]:
    """Draws and external values at the line of this origin, the nearest first."""
    with open_trace(run.folder) as trace:
        stream = trace.streams[origin.key]
        start = stream.boundary(max(0, origin.at - LOOK_BACK_RECORDS))
        values = [one for one in stream.records(start, origin.at) if one.kind in {DRAW, OUTSIDE}]
        for value in (earlier_value(stream, one, differs=True) for one in reversed(values)):
            if value.source.same_line(origin.source):
                yield value


def differing(one: Run, other: Run, key: TaskKey) -> Mapping[StatementOutput, int]:
    """The statements whose values differ, each with its first record, in the order in which they ran."""
    with open_trace(one.folder) as first, open_trace(other.folder) as second:
        return _in_traces(first, second, key)


def _in_traces(first: Trace, second: Trace, key: TaskKey) -> Mapping[StatementOutput, int]:
    sides = first.streams.get(key), second.streams.get(key)
    found: dict[StatementOutput, int] = {}
    if sides[0] is None or sides[1] is None:
        return found
    for step in islice(align(Shared(), sides[0], sides[1]), MOST_STEPS):
        if isinstance(step, AlignedPair) and step.first.record.digest != step.second.record.digest:
            shown = describe(sides[0], step.first)
            if shown.name in STATEMENTS:
                found.setdefault((shown.name, shown.source, shown.meta), shown.at)
    return found
