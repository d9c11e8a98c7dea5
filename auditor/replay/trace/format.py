"""The trace format: its constants (docs/reference/trace-format.md), one record, one line of the user's source."""

from __future__ import annotations

import struct
from typing import NamedTuple

from ...errors import AuditorError

MAGIC, VERSION = b"AUDTRC1\0", 1
HEADER = struct.Struct("<8sII16sI28x")
RECORD = struct.Struct("<BBHIIIQQ")
RECORD_BYTES = RECORD.size

DEF, OP, IN, ARG, DRAW, SEED, OUTSIDE, READ, END, PROCESS, PROBLEM, REGION, AWAITED = range(1, 14)
"""Kinds of records. 0 ends what was written; AWAITED has a digest that a killed process never fetched."""
NAMES, SITES, METAS, TEXTS = range(1, 5)
"""Tables of texts."""
DRAWS, INPLACE, BACKWARD, OVERWRITES, ALLOCATES, READS_OUT, ENTERS = 1, 2, 4, 8, 16, 32, 64
"""Flags of OP and REGION."""
VOLATILE = 1
"""Flag of OUTSIDE: the value differs in each run by its nature (a clock), so it has no digest."""
TASK_SHIFT = 40
"""IN names the record that wrote its storage as (task << 40) + 1 + index."""

MAKERS = ("random.Random", "numpy.random.default_rng", "numpy.random.SeedSequence")
"""Names of DRAW records of instances that seeded themselves from the system's entropy, before they draw."""
ZOOM = "zoom:"
"""Prefix of the names of operations inside a compiled region that was evaluated again."""
STATEMENTS_END = "auditor.statements-end"
"""Name of the OUTSIDE record after which a process's statements were not recorded, because there were too many."""

DAMAGED = "The trace cannot be compared. Record it again, or copy it again from where it was made."


class TraceError(AuditorError):
    """A trace cannot be read: truncated, damaged, of another version; or two cannot be compared."""


class TraceRecord(NamedTuple):
    """One record with its ids; `Stream.name_of`, `Stream.source` and `Stream.meta_of` give their texts."""

    at: int
    """Its index in the stream, in units of 32 bytes after the header; blocks of text count too."""
    kind: int
    flags: int
    number: int
    """The format's `count`."""
    name: int
    site: int
    meta: int
    digest: int
    extra: int

    @property
    def writer(self) -> tuple[int, int] | None:
        """Of an IN: (task's ordinal, index of the record that wrote the storage last); None if none was seen."""
        return (self.extra >> TASK_SHIFT, (self.extra & ((1 << TASK_SHIFT) - 1)) - 1) if self.extra else None


class SourceLine(NamedTuple):
    """A line of the user's program."""

    file: str
    line: int
    function: str = ""
    code: str = ""

    @property
    def known(self) -> bool:
        """Whether the call stack held a line of the user's."""
        return bool(self.line)

    def same_line(self, other: SourceLine) -> bool:
        """Whether both name the same line of the same file."""
        return self.file == other.file and self.line == other.line


UNKNOWN_SOURCE = SourceLine("?", 0)


def source_of(text: str) -> SourceLine:
    r"""The line that a site's text (`file\tline\tfunction\tcode`) names; `UNKNOWN_SOURCE` for anything else."""
    parts = text.split("\t", 3)
    if len(parts) != 4 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 9:
        return UNKNOWN_SOURCE
    return SourceLine(parts[0], int(parts[1]), parts[2], parts[3])
