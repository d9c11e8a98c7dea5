"""
Events: the steps of a stream, as alignment compares them.

An event is an operation with the records of its inputs and arguments, or any other record alone. Texts become numbers
that two streams share, so events of both compare as tuples of integers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from ..trace.format import (
    ALLOCATES,
    ARG,
    DRAWS,
    END,
    ENTERS,
    IN,
    INPLACE,
    METAS,
    NAMES,
    OP,
    OUTSIDE,
    OVERWRITES,
    PROBLEM,
    PROCESS,
    READ,
    READS_OUT,
    REGION,
    SEED,
    SITES,
    TEXTS,
    VOLATILE,
    SourceLine,
    TraceRecord,
)
from ..trace.stream import Stream

Symbol = tuple[int, int, int]
"""(kind, name, site), the last two as shared numbers: the key by which streams are aligned."""
PARTS = (IN, ARG)
UNALIGNED = (PROCESS, PROBLEM)
"""Records that are no step of the program."""
FIRST_LOOK_BACK = 64
HANDLES = "tf."
"""TensorFlow has no views: an output without a digest is a dataset or an iterator, made from the inputs."""
FEW_BYTES = 512
"""Read in one go for an operation's inputs: most have only a few."""


class Event(NamedTuple):
    """One step of one stream."""

    symbol: Symbol
    record: TraceRecord
    inputs: tuple[TraceRecord, ...]
    """IN records of an operation, in the detail tier."""
    argument: int
    """Id of the text of its scalar arguments; 0 without."""

    @property
    def is_operation(self) -> bool:
        """Whether it is an operation or a region, and so has outputs."""
        return self.record.kind in {OP, REGION}

    @property
    def draws(self) -> bool:
        """Whether it draws from a framework's generator."""
        return self.is_operation and bool(self.record.flags & DRAWS)

    @property
    def is_read(self) -> bool:
        """Whether a value leaves the framework here: the program reads, prints or saves it."""
        return self.record.kind == READ or (self.is_operation and bool(self.record.flags & READS_OUT))


class DescribedEvent(NamedTuple):
    """An event with its texts resolved."""

    at: int
    """Its record's index."""
    name: str
    source: SourceLine
    meta: str
    digest: int


def describe(stream: Stream, event: Event) -> DescribedEvent:
    """An event with its texts."""
    record = event.record
    name = "end" if record.kind == END else stream.name_of(record)
    return DescribedEvent(record.at, name, stream.source(record), stream.meta_of(record), record.digest)


class Shared:
    """Numbers for texts, shared by two streams that have different ids for them."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], int] = {}
        self._known: dict[Stream, dict[int, int]] = {}

    def number(self, stream: Stream, table: int, given: int) -> int:
        """The shared number of a stream's text; 0 for none."""
        if not given:
            return 0
        known = self._known.get(stream)
        if known is None:
            known = self._known[stream] = {}
        key = given << 3 | table
        found = known.get(key)
        if found is None:
            text = (table, stream.text(table, given))
            found = known[key] = self._numbers.setdefault(text, len(self._numbers) + 1)
        return found

    def events(self, stream: Stream, start: int = 0) -> Iterator[Event]:
        """The events from the one that begins at `start`, END included; without allocations and clocks."""
        head: TraceRecord | None = None
        inputs: list[TraceRecord] = []
        argument = 0
        for record in stream.records(start):
            if record.kind in PARTS:
                if record.kind == IN:
                    inputs.append(record)
                else:
                    argument = record.name
                continue
            if head is not None and not _left_out(head):
                yield Event(self._symbol(stream, head), head, tuple(inputs), argument)
            head, inputs, argument = record, [], 0
        if head is not None and not _left_out(head):
            yield Event(self._symbol(stream, head), head, tuple(inputs), argument)

    def _symbol(self, stream: Stream, record: TraceRecord) -> Symbol:
        name = 0 if record.kind == END else self.number(stream, NAMES, record.name)
        return record.kind, name, self.number(stream, SITES, record.site)

    def content(self, stream: Stream, event: Event) -> tuple[object, ...]:
        """Equal for two events with the same symbol whose recorded contents are equal."""
        record = event.record
        if record.kind == END:
            return (record.number,)
        table = TEXTS if record.kind == SEED else METAS
        state = record.extra if event.draws else 0
        return (
            record.flags,
            record.number,
            record.digest,
            self.number(stream, table, record.meta),
            state,
            self.number(stream, TEXTS, event.argument),
            tuple((one.number, one.digest, self.number(stream, METAS, one.meta)) for one in inputs_read(stream, event)),
        )


def inputs_read(stream: Stream, event: Event) -> tuple[TraceRecord, ...]:
    """
    The inputs whose content an operation reads.

    A view reads nothing. An overwritten target is not read either: it may be fresh memory, which differs from run to
    run without any effect.
    """
    record = event.record
    if not event.inputs or record.kind != OP:
        return event.inputs
    if not record.digest and record.meta and not record.flags & (ENTERS | READS_OUT | INPLACE | DRAWS):
        return event.inputs if stream.name_of(record).startswith(HANDLES) else ()
    if not record.flags & OVERWRITES:
        return event.inputs
    name = stream.name_of(record).partition(".")[0]
    target = 0 if name.endswith("_") else event.inputs[-1].number  # `out=` stands last
    return tuple(one for one in event.inputs if one.number != target)


def _left_out(record: TraceRecord) -> bool:
    """Allocations, whose order varies, and clocks, whose number of reads varies, are not aligned."""
    if record.kind == OUTSIDE:
        return bool(record.flags & VOLATILE)
    return record.kind in UNALIGNED or (record.kind == OP and bool(record.flags & ALLOCATES))


def beginning_before(stream: Stream, index: int) -> int:
    """The start of the last event that begins before this record; 0 if there is none."""
    look_back = FIRST_LOOK_BACK
    while True:
        start = stream.boundary(max(0, index - look_back))
        starts = [record.at for record in stream.records(start, index) if record.kind not in PARTS]
        if starts:
            return starts[-1]
        if start == 0:
            return 0
        look_back *= 8


def event_at(shared: Shared, stream: Stream, index: int) -> Event | None:
    """The event whose record has this index, allocations included; None if the index names no operation."""
    if not 0 <= index < stream.blocks or stream.boundary(index) != index or _inside_table(stream, index):
        return None
    head = stream.record(index)
    if head.kind not in {OP, REGION}:
        return None
    inputs: list[TraceRecord] = []
    argument = 0
    for record in stream.records(index + 1, chunk_bytes=FEW_BYTES):
        if record.kind == IN:
            inputs.append(record)
        elif record.kind == ARG:
            argument = record.name
        else:
            break
    symbol = (head.kind, shared.number(stream, NAMES, head.name), shared.number(stream, SITES, head.site))
    return Event(symbol, head, tuple(inputs), argument)


def _inside_table(stream: Stream, index: int) -> bool:
    """Whether the record is a definition."""
    definitions = stream.structure.definitions
    place = bisect_left(definitions, index)
    return place < len(definitions) and definitions[place] == index
