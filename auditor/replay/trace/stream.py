"""
One stream of a trace, read lazily and as hostile data: any wrong length or id is a TraceError.

The file is never in memory as a whole. One pass over it finds where texts are defined and where the stream ends; after
that, records are read from any index.
"""

from __future__ import annotations

import re
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from .extent import Extent
from .format import (
    ARG,
    AWAITED,
    DAMAGED,
    DEF,
    DRAW,
    DRAWS,
    END,
    HEADER,
    IN,
    MAGIC,
    METAS,
    NAMES,
    OP,
    PROBLEM,
    PROCESS,
    RECORD,
    RECORD_BYTES,
    SEED,
    SITES,
    TEXTS,
    VERSION,
    SourceLine,
    TraceError,
    TraceRecord,
    source_of,
)

CHUNK_BYTES = 1 << 20
NO_OPERATION = re.compile(rb"[^\x02-\x05\x07\x08\x0c]")
"""Kinds (first bytes) that the pass must examine: definitions, seeds, ends, problems, unknown kinds."""
CACHED_TEXTS = 4096
MOST_INPUTS = 1 << 14
"""Limit of the input records before an operation's arguments."""


@dataclass
class Structure:
    """What one pass over a stream finds."""

    blocks: int = 0
    """How many units of 32 bytes were written, END included."""
    operations: int = 0
    """Records of kind OP and REGION."""
    cut: bool = True
    """Whether END is missing: the process was killed, or still runs."""
    status: int = 0
    """END's: 0 returned, 1 an exception."""
    definitions: array[int] = field(default_factory=lambda: array("Q"))
    tables: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("Q") for _ in range(5)))
    """For each table the indices of its DEF records, in the order of their ids."""
    seeds: array[int] = field(default_factory=lambda: array("Q"))
    problems: array[int] = field(default_factory=lambda: array("Q"))
    process: int | None = None


class Stream:
    """
    One task's records.

    Raises TraceError: at once for a wrong header, later from any method that reads wrong data.
    """

    def __init__(self, name: str, extent: Extent) -> None:
        self.name = name
        """For messages."""
        self.extent = extent
        header = extent.read(0, HEADER.size)
        if len(header) < HEADER.size:
            raise self._wrong("is shorter than a header")
        magic, version, record_bytes, algorithm, flags = HEADER.unpack(header)
        if magic != MAGIC:
            raise self._wrong("is not a stream of a trace")
        if version != VERSION or record_bytes != RECORD_BYTES:
            raise TraceError(
                f"{name} has version {version} of the trace format; this auditor reads version {VERSION}",
                "Compare it with the auditor that recorded it, or record it again with this one.",
            )
        try:
            self.algorithm = algorithm.rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError as problem:
            raise self._wrong("names its digest algorithm in non-ASCII bytes") from problem
        self.header = header
        self.detail = bool(flags & 1)
        """Whether inputs and arguments are recorded."""
        self.text = lru_cache(CACHED_TEXTS)(self._text)

    def _wrong(self, what: str) -> TraceError:
        return TraceError(f"the stream {self.name} {what}", DAMAGED)

    # ------------------------------------------------------------------------------------------------- structure

    @cached_property
    def structure(self) -> Structure:
        """Where texts, seeds and problems are, and where the stream ends: one pass over the file."""
        found = Structure()
        crc = 0
        skip = 0  # blocks of the next chunk that belong to a text which began before it
        position = HEADER.size
        if self.extent.crc is not None:
            crc = zlib.crc32(self.header)
        ended = False
        while data := self.extent.read(position, CHUNK_BYTES):
            position += len(data)
            if self.extent.crc is not None:
                crc = zlib.crc32(data, crc)
            if not ended:
                skip, ended = self._pass(found, data, skip)
        if self.extent.crc is not None and crc != self.extent.crc:
            raise self._wrong("is damaged: its checksum does not match")
        return found

    def _pass(self, found: Structure, data: bytes, skip: int) -> tuple[int, bool]:
        """Scan one chunk; returns how many blocks of text continue in the next, and whether the stream ended."""
        kinds = data[: len(data) - len(data) % RECORD_BYTES : RECORD_BYTES]
        base, at = found.blocks, min(skip, len(kinds))
        skip -= at
        while at < len(kinds):
            hit = NO_OPERATION.search(kinds, at)
            stop = hit.start() if hit else len(kinds)
            found.operations += kinds.count(b"\x02", at, stop) + kinds.count(b"\x0c", at, stop)
            at = stop
            if hit is None:
                break
            if kinds[at] in {0, AWAITED}:  # records after an awaited digest may be awaited too
                found.blocks = base + at
                return 0, True
            raw = RECORD.unpack_from(data, at * RECORD_BYTES)
            ended, blocks = self._notable(found, TraceRecord(base + at, *raw))
            at += 1
            if ended:
                found.blocks = base + at
                return 0, True
            taken = min(blocks, len(kinds) - at)
            at, skip = at + taken, blocks - taken
        found.blocks = base + at
        return skip, False

    def _notable(self, found: Structure, record: TraceRecord) -> tuple[bool, int]:
        """A record that the pass must know: (whether it is the last, blocks of text after it)."""
        if record.kind == DEF:
            if not NAMES <= record.flags <= TEXTS:
                raise self._wrong(f"defines a text of an unknown table {record.flags} at record {record.at}")
            table = found.tables[record.flags]
            table.append(record.at)
            if record.name != len(table):
                raise self._wrong(f"gives the id {record.name} out of turn at record {record.at}")
            found.definitions.append(record.at)
            return False, -(-record.number // RECORD_BYTES)
        if record.kind == END:
            found.cut, found.status = False, record.number
            if record.extra != record.at:
                raise self._wrong(f"ends at record {record.at} and counts {record.extra}")
            return True, 0
        if record.kind == SEED:
            found.seeds.append(record.at)
        elif record.kind == PROBLEM:
            found.problems.append(record.at)
        elif record.kind == PROCESS:
            found.process = record.at if found.process is None else found.process
        else:
            raise self._wrong(f"holds a record of an unknown kind {record.kind} at {record.at}")
        return False, 0

    @property
    def cut(self) -> bool:
        """Whether the stream has no END: its process was killed, replaced itself, or still runs."""
        return self.structure.cut

    @property
    def blocks(self) -> int:
        """Its length in units of 32 bytes, END included."""
        return self.structure.blocks

    @property
    def problems(self) -> list[str]:
        """What the recorder could not do in this task. A trace with one is never called identical."""
        return [self.name_of(record) for record in map(self.record, self.structure.problems)]

    @property
    def process(self) -> str:
        """The process's description of itself: a JSON text (argv0, python, rank, task); empty if that was cut off."""
        place = self.structure.process
        return self.text(TEXTS, self.record(place).meta) if place is not None else ""

    @cached_property
    def process_id(self) -> int:
        """The id of that text; 0 if there is none."""
        place = self.structure.process
        return self.record(place).meta if place is not None else 0

    # --------------------------------------------------------------------------------------------------- records

    def boundary(self, index: int) -> int:
        """The record that the block of this index belongs to: itself, or the DEF in whose text it lies."""
        definitions = self.structure.definitions
        place = bisect_right(definitions, index) - 1
        if place < 0:
            return index
        start = definitions[place]
        return start if index <= start + self._text_blocks(start) else index

    def _text_blocks(self, start: int) -> int:
        return -(-self._unpack(start)[2] // RECORD_BYTES)

    def _unpack(self, index: int) -> tuple[int, ...]:
        data = self.extent.read(HEADER.size + index * RECORD_BYTES, RECORD_BYTES)
        if index < 0 or index >= self.blocks or len(data) < RECORD_BYTES:
            raise self._wrong(f"has no record {index}")
        return RECORD.unpack(data)

    def record(self, index: int) -> TraceRecord:
        """The record at this index, which must be a boundary."""
        return TraceRecord(index, *self._unpack(index))

    def records(
        self, start: int = 0, stop: int | None = None, *, chunk_bytes: int | None = None
    ) -> Iterator[TraceRecord]:
        """Records without DEF from a boundary on, END included; a chunk (a multiple of 32 bytes) is in memory."""
        chunk_bytes = chunk_bytes or CHUNK_BYTES
        blocks = self.blocks if stop is None else min(stop, self.blocks)
        index = start
        while index < blocks:
            size = min(chunk_bytes, (blocks - index) * RECORD_BYTES)
            data = self.extent.read(HEADER.size + index * RECORD_BYTES, size)
            whole = len(data) - len(data) % RECORD_BYTES
            if not whole:
                raise self._wrong("became shorter while it was read")
            skip, first = 0, index
            for raw in RECORD.iter_unpack(data[:whole]):
                if skip:
                    skip -= 1
                elif raw[0] == DEF:
                    skip = -(-raw[2] // RECORD_BYTES)
                else:
                    yield TraceRecord(index, *raw)
                index += 1
            index = first + whole // RECORD_BYTES + skip

    # ----------------------------------------------------------------------------------------------------- texts

    def _text(self, table: int, number: int) -> str:
        """The text of an id; empty for id 0 (none)."""
        if number == 0:
            return ""
        places = self.structure.tables[table]
        if number > len(places):
            raise self._wrong(f"uses the id {number} of table {table}, which it never defines")
        start = places[number - 1]
        size = self._unpack(start)[2]
        return self.extent.read(HEADER.size + (start + 1) * RECORD_BYTES, size).decode("utf-8", "replace")

    def name_of(self, record: TraceRecord) -> str:
        """Its name: an operator, a function; for ARG, PROCESS and PROBLEM the text. Empty for IN and END."""
        if record.kind in {IN, END}:
            return ""
        in_texts = record.kind in {ARG, PROCESS, PROBLEM}
        return self.text(TEXTS if in_texts else NAMES, record.name)

    def module_of(self, record: TraceRecord) -> str:
        """The path of the model's module that an operation of the detail tier ran in; empty without."""
        parts = self.records(record.at + 1, record.at + 2 + MOST_INPUTS)
        after = next((part for part in parts if part.kind != IN), None)
        return self.text(TEXTS, after.meta) if after and after.kind == ARG else ""

    def called_from(self, record: TraceRecord) -> SourceLine:
        """
        The line in another of the user's files that called the line of a draw, in the detail tier.

        Of other records, and where one file alone was on the stack, it is not known.
        """
        site = record.extra if record.kind == DRAW else 0
        if record.kind == OP and record.flags & DRAWS:
            parts = self.records(record.at + 1, record.at + 2 + MOST_INPUTS)
            after = next((part for part in parts if part.kind != IN), None)
            site = after.site if after and after.kind == ARG else 0
        return source_of(self.text(SITES, site))

    def source(self, record: TraceRecord) -> SourceLine:
        """The user's line."""
        return source_of(self.text(SITES, record.site))

    def meta_of(self, record: TraceRecord) -> str:
        """Dtype, shape and device of what it gave; a SEED's argument; a PROCESS's JSON."""
        in_texts = record.kind in {SEED, PROCESS}
        return self.text(TEXTS if in_texts else METAS, record.meta)
