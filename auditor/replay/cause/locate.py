"""
The place of a proven cause: the step that differs without the factor, and no more under it.

An object differs as a whole, so a step that gives it an id which nobody reads seems to begin all that is made of it.
Under the proven factor outputs are equal: a step that differs there all the same is not why they did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ..alignment.events import Shared, told
from ..alignment.two_streams import Pair, walk
from ..provenance.origin_model import STATEMENTS, Origin, Prior
from ..provenance.seeds import family
from ..runs.run import Run
from ..trace.archive import Key, Trace, open_trace
from ..trace.format import DRAW, OUTSIDE, VOLATILE, Source
from .interventions import Hypothesis
from .usual_run import Runner, Search

MOST_STEPS = 300_000
"""Of one task, as many as a search follows."""
LOOK_BACK_RECORDS = 4096
MOST_PARTNERS = 3
"""Runs until one differs from the usual one."""
Step = tuple[str, Source, str]
"""Name, line, and what it gives."""


def placed(run: Runner, found: Search, hypothesis: Hypothesis) -> Origin | None:
    """
    The first step that the factor takes away, in the task where the difference was found to begin.

    `found` is a search among runs of `run`, by statement. Its origin, if the factor takes that away, and where no other
    run shows the difference again; None if none goes away.
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
            told = replace(origin, at=without[first], name=name, source=source, meta=meta, inputs_equal=None)
            return replace(told, before=tuple(_came_in(found.base, told)))
    return None


def _came_in(run: Run, origin: Origin) -> Iterator[Prior]:
    """What was drawn, or came in from outside, at the line of this origin, the nearest first."""
    with open_trace(run.folder) as trace:
        stream = trace.streams[origin.key]
        start = stream.boundary(max(0, origin.at - LOOK_BACK_RECORDS))
        for one in reversed([one for one in stream.records(start, origin.at) if one.kind in {DRAW, OUTSIDE}]):
            name, source, draws = stream.name_of(one), stream.source(one), one.kind == DRAW
            if source[:2] == origin.source[:2]:
                volatile, generator = not draws and bool(one.flags & VOLATILE), family(name) if draws else None
                seeded = bool(one.number) if draws else None
                yield Prior(name, source, differs=True, volatile=volatile, generator=generator, seeded=seeded)


def differing(one: Run, other: Run, key: Key) -> Mapping[Step, int]:
    """The statements that gave other bits, each with its first record, in the order in which they ran."""
    with open_trace(one.folder) as first, open_trace(other.folder) as second:
        return _in_traces(first, second, key)


def _in_traces(first: Trace, second: Trace, key: Key) -> Mapping[Step, int]:
    sides = first.streams.get(key), second.streams.get(key)
    found: dict[Step, int] = {}
    if sides[0] is None or sides[1] is None:
        return found
    for step in islice(walk(Shared(), sides[0], sides[1]), MOST_STEPS):
        if isinstance(step, Pair) and step.first.record.digest != step.second.record.digest:
            shown = told(sides[0], step.first)
            if shown.name in STATEMENTS:
                found.setdefault((shown.name, shown.source, shown.meta), shown.at)
    return found
