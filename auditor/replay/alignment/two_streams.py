"""
Aligns two streams: pairs of the same step in both runs, and gaps where the runs took different steps.

A common prefix is skipped as bytes. From the first differing byte on, events are compared. At a different step both
streams are searched ahead for the nearest place where they match again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..trace.common_prefix import first_difference
from ..trace.format import END, METAS, NAMES, SITES, TEXTS
from ..trace.stream import Stream
from .events import Event, Shared, beginning_before

WINDOWS = (256, 4096, 65536)
"""How many events ahead both streams are searched for a match, one after the other."""
ALIKE = 8
"""Length of a match: so many equal steps in a row, because a training loop repeats single steps everywhere."""
LESS_ALIKE = (3, 1)
"""Shorter matches, tried if the last window holds no longer one."""
PAIRS_BEFORE_BYTES, BLOCKS_WORTH_WHILE = 512, 8192
"""After so many equal pairs the bytes ahead are compared; a jump ahead must skip at least so many records."""


class AlignedPair(NamedTuple):
    """The same step in both runs."""

    first: Event
    second: Event
    equal: bool
    """Whether the contents are equal too."""


@dataclass(frozen=True)
class Gap:
    """Two runs took different steps here."""

    previous: AlignedPair | None
    """The last common step before it."""
    only_first: tuple[Event, ...]
    """Steps of the first run up to the next match."""
    only_second: tuple[Event, ...]
    following: tuple[Event, Event] | None
    """The first step of the next match; None if there is none within the window."""

    @property
    def next_first(self) -> Event | None:
        """The first run's step at the gap; None if the run had ended."""
        return next(iter((*self.only_first, *(self.following or ())[:1])), None)

    @property
    def next_second(self) -> Event | None:
        """As `next_first`, of the second run."""
        return next(iter((*self.only_second, *(self.following or ())[1:])), None)


AlignmentStep = AlignedPair | Gap


def align(shared: Shared, first: Stream, second: Stream) -> Iterator[AlignmentStep]:
    """
    Pairs and gaps from just before the first difference on; empty for equal streams.

    Long stretches of equal bytes are left out. A pair has the same name and line; its contents may differ. A stream
    that was cut off ends the alignment without a gap.
    """
    index = first_difference(first, second)
    if index is None:
        return
    start = beginning_before(first, index)
    yield from _Aligner(shared, first, second).steps(start, start)


def align_from(shared: Shared, first: Stream, second: Stream, place: int, other: int) -> Iterator[AlignmentStep]:
    """Pairs and gaps from two events on, by the indices of their records; equal stretches are not left out."""
    yield from _Aligner(shared, first, second, by_bytes=False).steps(place, other)


class _Lookahead:
    """One stream's events, with a buffer of those ahead."""

    def __init__(self, shared: Shared, stream: Stream, start: int) -> None:
        self._events = shared.events(stream, start)
        self.stream = stream
        self._ahead: list[Event] = []
        self._place = 0
        self.exhausted = False

    def look(self, count: int) -> list[Event]:
        """Up to `count` next events, without consuming them."""
        if self._place > WINDOWS[0]:
            del self._ahead[: self._place]
            self._place = 0
        while len(self._ahead) - self._place < count and not self.exhausted:
            event = next(self._events, None)
            if event is None:
                self.exhausted = True
            else:
                self._ahead.append(event)
        return self._ahead[self._place : self._place + count]

    def peek(self) -> Event | None:
        """The next event, without consuming it."""
        if self._place < len(self._ahead):
            return self._ahead[self._place]
        return next(iter(self.look(1)), None)

    def drop(self, count: int) -> None:
        """Consume so many events."""
        self._place += count


class _Aligner:
    """Aligns two streams event by event; long equal stretches are skipped as bytes."""

    def __init__(self, shared: Shared, first: Stream, second: Stream, *, by_bytes: bool = True) -> None:
        self._shared = shared
        self._by_bytes_too = by_bytes
        self._streams = first, second
        self._compared = [0] * 5
        """By table: how many ids are known to mean the same text in both streams."""
        self._patience = PAIRS_BEFORE_BYTES

    def steps(self, start: int, other_start: int) -> Iterator[AlignmentStep]:
        """Every pair and gap from these places on."""
        place: tuple[int, int] | None = (start, other_start)
        previous: AlignedPair | None = None
        while place:
            first, second = (
                _Lookahead(self._shared, stream, at) for stream, at in zip(self._streams, place, strict=True)
            )
            place, alike = None, 0
            while not place:
                one, other = first.peek(), second.peek()
                if one is None or other is None:
                    return  # END is the last of a stream that was not cut
                if one.symbol != other.symbol:
                    alike = 0
                    gap = _gap(first, second, previous)
                    if gap is None:
                        return
                    yield gap
                    if gap.following is None:
                        return
                    continue
                first.drop(1)
                second.drop(1)
                equal = self._shared.content(first.stream, one) == self._shared.content(second.stream, other)
                previous = AlignedPair(one, other, equal)
                yield previous
                alike = alike + 1 if equal else 0
                if self._by_bytes_too and alike >= self._patience:
                    place, alike = self._by_bytes(previous), 0

    def _by_bytes(self, pair: AlignedPair) -> tuple[int, int] | None:
        """The place just before the next difference, if a long stretch of bytes from this pair on is equal."""
        places = pair.first.record.at, pair.second.record.at
        self._patience *= 2  # back off unless the jump is worth it
        if not self._same_ids(*places):
            return None
        count = first_difference(*self._streams, places)
        if count is None:
            count = self._streams[0].blocks - places[0]
        if count < BLOCKS_WORTH_WHILE:
            return None
        self._patience = PAIRS_BEFORE_BYTES
        start = beginning_before(self._streams[0], places[0] + count)
        return start, places[1] + start - places[0]

    def _same_ids(self, place: int, other: int) -> bool:
        """Whether every id so far means the same text in both; the process's description of itself may differ."""
        first, second = self._streams
        for table in (NAMES, SITES, METAS, TEXTS):
            counts = (
                bisect_left(first.structure.tables[table], place),
                bisect_left(second.structure.tables[table], other),
            )
            if counts[0] != counts[1]:
                return False
            for number in range(self._compared[table] + 1, counts[0] + 1):
                of_process = table == TEXTS and number in {first.process_id, second.process_id}
                if not of_process and first.text(table, number) != second.text(table, number):
                    return False
                self._compared[table] = number
        return True


def _gap(first: _Lookahead, second: _Lookahead, previous: AlignedPair | None) -> Gap | None:
    """
    The gap up to the next match; both streams are moved there.

    None at the end of a stream that was cut off: the rest of its run is not known.
    """
    ahead: tuple[list[Event], list[Event]] = ([], [])
    found: tuple[int, int] | None = None
    for window in WINDOWS:
        ahead = first.look(window), second.look(window)
        last = window == WINDOWS[-1] or (first.exhausted and second.exhausted)
        for alike in (ALIKE, *LESS_ALIKE) if last else (ALIKE,):
            found = _meeting(*ahead, alike)
            if found:
                break
        if found or last:
            break
    if not found and ((first.exhausted and first.stream.cut) or (second.exhausted and second.stream.cut)):
        return None
    here, there = found or (len(ahead[0]), len(ahead[1]))
    following = (ahead[0][here], ahead[1][there]) if found else None
    first.drop(here)
    second.drop(there)
    return Gap(previous, tuple(ahead[0][:here]), tuple(ahead[1][:there]), following)


def _meeting(first: list[Event], second: list[Event], alike: int) -> tuple[int, int] | None:
    """The nearest two places from which that many steps are equal; before END fewer suffice."""
    symbols = [event.symbol for event in first], [event.symbol for event in second]
    places: dict[tuple[object, ...], int] = {}
    for at in range(len(first)):
        gram = _gram(symbols[0], at, alike)
        if gram:
            places.setdefault(gram, at)
    best: tuple[int, int] | None = None
    for at in range(len(second)):
        if best and at >= sum(best):
            break
        here = places.get(_gram(symbols[1], at, alike))
        if here is not None and (best is None or here + at < sum(best)):
            best = here, at
    return best


def _gram(symbols: list[tuple[int, int, int]], at: int, alike: int) -> tuple[object, ...]:
    """So many steps from here on; fewer only at the program's END."""
    taken = tuple(symbols[at : at + alike])
    return taken if len(taken) == alike or (taken and taken[-1][0] == END) else ()
