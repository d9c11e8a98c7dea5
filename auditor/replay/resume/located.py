"""The first recorded operation or draw that differs within a step, with the user's line."""

from __future__ import annotations

from dataclasses import dataclass

from ..alignment.events import Event, Shared, Symbol
from ..runs.run import Run
from ..trace.archive import TaskKey, open_trace
from ..trace.format import DRAW, OUTSIDE, SEED, SourceLine
from ..trace.stream import Stream

MOST_EVENTS = 1 << 16
"""Last events of a step that are compared: what stands before a resumed run's first step belongs to no step."""
NO_STEP = (OUTSIDE, SEED)
MOST_SKIPPED, ALIKE = 64, 3
"""So many steps of one run alone are skipped, where so many agree before them."""


@dataclass(frozen=True)
class Located:
    """An event that differs."""

    name: str
    source: SourceLine
    draws: bool
    """Whether it draws at random."""
    own: bool
    """Whether it draws from a generator of the program's own, not a global one."""


def located(runs: tuple[Run, Run], key: TaskKey, first: tuple[int, int], second: tuple[int, int]) -> Located | None:
    """The first event that differs between records (from, to) of this task in both runs; None if none is recorded."""
    with open_trace(runs[0].folder) as one, open_trace(runs[1].folder) as other:
        streams = one.streams.get(key), other.streams.get(key)
        if streams[0] is None or streams[1] is None:
            return None
        shared = Shared()
        sides = _within(shared, streams[0], *first), _within(shared, streams[1], *second)
        for here, there in _common_end(*sides):
            if here.record.digest != there.record.digest:
                return _told(streams[0], here)
    return None


def _within(shared: Shared, stream: Stream, begin: int, end: int) -> list[Event]:
    """The last events between two records."""
    begin = stream.boundary(max(begin, end - 4 * MOST_EVENTS, 0))
    found = []
    for event in shared.events(stream, begin):
        if event.record.at >= end:
            break
        if event.record.kind not in NO_STEP:
            found.append(event)
    return found[-MOST_EVENTS:]


def _common_end(first: list[Event], second: list[Event]) -> list[tuple[Event, Event]]:
    """
    Pairs of the same step, by name and line, from the ends backwards, in their order.

    A few steps that one run alone makes are skipped: a resumed run makes what the whole one made at its first step.
    """
    here, there = [one.symbol for one in reversed(first)], [one.symbol for one in reversed(second)]
    pairs: list[tuple[Event, Event]] = []
    at, other = 0, 0
    while at < len(here) and other < len(there):
        if here[at] == there[other]:
            pairs.append((first[-1 - at], second[-1 - other]))
            at, other = at + 1, other + 1
            continue
        skip = _skip(here[at : at + MOST_SKIPPED + ALIKE], there[other : other + MOST_SKIPPED + ALIKE])
        if skip is None:
            break
        at, other = at + skip[0], other + skip[1]
    return pairs[::-1]


def _skip(first: list[Symbol], second: list[Symbol]) -> tuple[int, int] | None:
    """How many steps of one run to leave out, so that the next ones agree."""
    for count in range(1, MOST_SKIPPED):
        for one, other in ((0, count), (count, 0)):
            ahead = first[one : one + ALIKE]
            if len(ahead) == ALIKE and ahead == second[other : other + ALIKE]:
                return one, other
    return None


def _told(stream: Stream, event: Event) -> Located:
    record = event.record
    draws = record.kind == DRAW or event.draws
    own = event.draws and bool(record.number)
    return Located(stream.name_of(record), stream.source(record), draws, own)
