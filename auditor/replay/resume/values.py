"""
A resumed run against the whole one by recorded values, for programs without an optimizer of torch.

Both runs are recorded statement by statement. The resumed run goes on where a value that its loop computes occurs in
the whole run exactly once (the number of the step, a batch), and where the most equal values follow.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..alignment.events import Event, Shared, Symbol
from ..alignment.two_streams import AlignedPair, align, align_from
from ..runs.run import Run
from ..trace.archive import TaskKey, open_trace
from ..trace.format import DRAW, END, METAS, OP, READ, READS_OUT, REGION, SourceLine
from ..trace.stream import Stream

MAIN = TaskKey("main", 0)
MOST_EVENTS = 600_000
"""Of a run: as many statements as are recorded, and a few operations."""
MOST_ANCHORS = 20_000
"""First events of a resumed run among which the beginning of its loop is looked for."""
LEAST_ITERATIONS = 3
"""Of a training loop. What a program does before it may come twice as well."""
LONGEST = 400
"""Events after an anchor that are compared to choose it."""
Place = tuple[str, SourceLine]
"""An operation at a line."""
KINDS = (OP, REGION, READ, DRAW)


@dataclass(frozen=True)
class ValueDifference:
    """How a resumed run goes on, and the first value that differs."""

    from_step: int
    """Iterations of the whole run's loop before it."""
    steps: int
    resumed_steps: int
    """Iterations of both."""
    step: int | None = None
    """The iteration, from 1, in which a value differs first; None if none does."""
    kind: int = 0
    """Of the record: DRAW, OP, REGION, READ, or END where a run ended earlier."""
    name: str = ""
    """Its operation."""
    values: str = ""
    """Names of the values of a statement, or dtype and shape of what an operation gave."""
    inputs: tuple[str, ...] = ()
    """Of an operation: its inputs that differ, by position and shape."""
    source: SourceLine | None = None


@dataclass(frozen=True)
class _Side:
    """The events of one run that have values."""

    stream: Stream
    events: Sequence[Event]


def compared_by_values(whole: Run, resumed: Run, but: Collection[Place] = ()) -> ValueDifference | None:
    """
    How the resumed run goes on; None if no step of it could be found in the whole one.

    `but` are places that give other values in each whole run, such as those that read the clock.
    """
    with open_trace(whole.folder) as one, open_trace(resumed.folder) as other:
        streams = one.streams.get(MAIN), other.streams.get(MAIN)
        if streams[0] is None or streams[1] is None:
            return None
        shared = Shared()
        sides = _side(shared, streams[0], but), _side(shared, streams[1], but)
        anchor = _anchor(*sides)
        return _difference(shared, sides, *anchor, but) if anchor else None


def varying(whole: Run, again: Run) -> frozenset[Place]:
    """Where two whole runs of the same command give different values."""
    with open_trace(whole.folder) as one, open_trace(again.folder) as other:
        streams = one.streams.get(MAIN), other.streams.get(MAIN)
        if streams[0] is None or streams[1] is None:
            return frozenset()
        steps = align(Shared(), streams[0], streams[1])
        pairs = (step for step in steps if isinstance(step, AlignedPair) and not step.equal)
        return frozenset(_place(streams[0], pair.first) for pair in pairs)


def _place(stream: Stream, event: Event) -> Place:
    return stream.name_of(event.record), stream.source(event.record)


def _side(shared: Shared, stream: Stream, but: Collection[Place]) -> _Side:
    found = [event for event, _ in zip(shared.events(stream), range(MOST_EVENTS), strict=False) if _has_value(event)]
    return _Side(stream, [event for event in found if not but or _place(stream, event) not in but])


def _has_value(event: Event) -> bool:
    """Whether its digest stands for a value alone: not for the history of an object that cannot be read."""
    record = event.record
    opaque = record.kind == OP and bool(record.extra) and not event.draws
    return record.kind in KINDS and bool(record.digest) and not opaque


def _content(event: Event) -> tuple[object, ...]:
    return event.symbol, event.record.digest


def _anchor(whole: _Side, resumed: _Side) -> tuple[int, int] | None:
    """Places of the same event in both, after which the most equal values follow."""
    counts = Counter(map(_content, whole.events))
    loop = _loop(whole)
    contents = ((_content(event), at) for at, event in enumerate(whole.events) if event.symbol in loop)
    places = {content: at for content, at in contents if counts[content] == 1}
    first = (
        (at, other)
        for other, event in enumerate(resumed.events[:MOST_ANCHORS])
        if (at := places.get(_content(event))) is not None
    )
    return max(first, key=lambda pair: _score(whole, resumed, *pair), default=None)


def _score(whole: _Side, resumed: _Side, at: int, other: int) -> tuple[bool, int]:
    """The number of a step, which a `for` gives, tells more than values: these may be drawn again from the start."""
    return bool(whole.events[at].record.flags & READS_OUT), _equal(whole, resumed, at, other)


def _loop(whole: _Side) -> set[Symbol]:
    """Steps that a training loop may hold: they come again and again, and still in the second half of the run."""
    often = Counter(event.symbol for event in whole.events)
    late = {event.symbol for event in whole.events[len(whole.events) // 2 :]}
    return {symbol for symbol in late if often[symbol] >= LEAST_ITERATIONS}


def _equal(whole: _Side, resumed: _Side, at: int, other: int) -> int:
    """How many of the events from here on are equal, as far as both make the same steps."""
    pairs = zip(whole.events[at : at + LONGEST], resumed.events[other : other + LONGEST], strict=False)
    same = itertools.takewhile(lambda pair: pair[0].symbol == pair[1].symbol, pairs)
    return sum(one.record.digest == two.record.digest for one, two in same)


def _difference(
    shared: Shared, sides: tuple[_Side, _Side], at: int, other: int, but: Collection[Place]
) -> ValueDifference:
    whole, resumed = sides
    loop = whole.events[at].symbol
    places = [event.record.at for event in whole.events if event.symbol == loop]
    before = places.index(whole.events[at].record.at)
    own = sum(event.symbol == loop for event in resumed.events[other:])
    begin = ValueDifference(before, len(places), own)
    starts = whole.events[at].record.at, resumed.events[other].record.at
    for step in align_from(shared, whole.stream, resumed.stream, *starts):
        if isinstance(step, AlignedPair):
            if step.first.record.kind == END or step.equal or not _differs(step):
                continue
            if but and _place(whole.stream, step.first) in but:
                continue
            return _told(begin, whole.stream, step, places)
        if step.following is None:  # one of them goes on where the other ends
            return _ended(begin, len(places), own)
    return begin if len(places) - before == own else _ended(begin, len(places), own)


def _differs(pair: AlignedPair) -> bool:
    return _has_value(pair.first) and _has_value(pair.second) and pair.first.record.digest != pair.second.record.digest


def _ended(begin: ValueDifference, steps: int, own: int) -> ValueDifference:
    last = min(steps, begin.from_step + own)
    return ValueDifference(begin.from_step, steps, own, last + 1, END)


def _told(begin: ValueDifference, whole: Stream, pair: AlignedPair, places: Sequence[int]) -> ValueDifference:
    record = pair.first.record
    pairs = zip(pair.first.inputs, pair.second.inputs, strict=False)
    inputs = [
        f"input {one.number + 1} ({whole.text(METAS, one.meta)})" for one, two in pairs if one.digest != two.digest
    ]
    return ValueDifference(
        begin.from_step,
        begin.steps,
        begin.resumed_steps,
        sum(place <= record.at for place in places),
        record.kind,
        whole.name_of(record),
        whole.meta_of(record),
        tuple(inputs),
        whole.source(record),
    )
