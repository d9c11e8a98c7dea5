"""
Streams of records: what one task of one process did, operation by operation (docs/reference/trace-format.md).

A stream is a file that grows by memory mapping: what was written before a SIGKILL is there after it. Records hold no
times, addresses or process ids, and ids are given in order of first use: runs that did the same write the same bytes.
"""

from __future__ import annotations

import mmap
import os
import struct

MAGIC, VERSION = b"AUDTRC1\0", 1
RECORD_BYTES = 32
RECORD = struct.Struct("<BBHIIIQQ")
"""kind, flags, count, name, site, meta, digest, extra."""
HEADER = struct.Struct("<8sII16sI28x")
DEF, OP, IN, ARG, DRAW, SEED, OUTSIDE, READ, END, PROCESS, PROBLEM, REGION = range(1, 13)
NAMES, SITES, METAS, TEXTS = range(1, 5)
FIRST_BYTES, MOST_GROWTH_BYTES = 1 << 18, 1 << 24
"""A short task maps little; a long one grows by doubling, up to 16 MiB at a time."""
DETAIL = 1
MASK_64 = (1 << 64) - 1


class Stream:
    """One stream, open for appending. Not for two threads at once: each task has its own."""

    def __init__(self, path, algorithm, detail=False):
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.ftruncate(self._handle, FIRST_BYTES)
        self._map = mmap.mmap(self._handle, FIRST_BYTES)
        self._size = FIRST_BYTES
        HEADER.pack_into(self._map, 0, MAGIC, VERSION, RECORD_BYTES, algorithm.encode(), DETAIL if detail else 0)
        self._place = HEADER.size
        self._ids = ({}, {}, {}, {}, {})
        self.records = 0
        self.closed = False

    def define(self, table, text):
        """The id of a text in a table; a DEF record is written at its first use."""
        known = self._ids[table]
        number = known.get(text)
        if number is None:
            number = known[text] = len(known) + 1
            data = text.encode("utf-8", "backslashreplace")[:0xFFFF]
            self.append(DEF, table, len(data), number)
            blocks = -(-len(data) // RECORD_BYTES)
            self._reserve(blocks * RECORD_BYTES)
            self._map[self._place : self._place + len(data)] = data
            self._place += blocks * RECORD_BYTES
            self.records += blocks
        return number

    def append(self, kind, flags=0, count=0, name=0, site=0, meta=0, digest=0, extra=0):  # noqa: PLR0917 - a record
        """Write one record; returns its index in the stream (raw blocks of texts count)."""
        if self._place + RECORD_BYTES > self._size:
            self._reserve(RECORD_BYTES)
        RECORD.pack_into(
            self._map, self._place, kind, flags, count, name, site, meta, digest & MASK_64, extra & MASK_64
        )
        self._place += RECORD_BYTES
        self.records += 1
        return self.records - 1

    def _reserve(self, needed):
        """Grow the file so that this many more bytes fit."""
        if self._place + needed <= self._size:
            return
        grown = self._size + max(needed, min(self._size, MOST_GROWTH_BYTES))
        os.ftruncate(self._handle, grown)
        self._map.resize(grown)
        self._size = grown

    def end(self, status=0):
        """Write END and give back what was reserved."""
        if self.closed:
            return
        self.append(END, count=status, extra=self.records)
        self.closed = True
        self._map.flush()
        self._map.close()
        os.ftruncate(self._handle, self._place)
        os.close(self._handle)

    def abandon(self):
        """In a forked child: the stream belongs to the parent; let go of it without a word."""
        self.closed = True
        self._map.close()
        os.close(self._handle)
