"""
Writes streams: the records of one task of one process, in order (docs/reference/trace-format.md).

A stream is a memory-mapped file, so what was written before a SIGKILL is in the file. Records hold no times, addresses
or process ids, and ids are given in order of first use, so runs that did the same write the same bytes.

Only a window at the end of the file is mapped, so memory use does not grow with the run. No file descriptor stays open:
the program gets the same descriptor numbers as without a recorder, and may close all of them.
"""

from __future__ import annotations

import ctypes
import mmap
import os

from .format import (
    AWAITED,
    DEF,
    DETAIL,
    DIGEST,
    DIGEST_AT,
    END,
    HEADER,
    MAGIC,
    MASK_64,
    RECORD,
    RECORD_BYTES,
    VERSION,
)

pack_record = RECORD.pack_into
"""Bound once: CPython looks up a method of an imported name anew at each call, which would cost a record 80 ns."""
FIRST_BYTES, MOST_WINDOW_BYTES = 1 << 16, 1 << 24
"""Size of the first window, and limit of the later ones, which grow with the stream."""
MOST_AWAITED = 256
"""Most records whose digests a device still computes. They are fetched together; a SIGKILL loses at most these."""
MAP_FAILED = ctypes.c_void_p(-1).value


class Stream:
    """One stream, open for appending. It is not thread-safe: each task has its own."""

    def __init__(self, path, algorithm, detail=False):
        self._path = os.path.abspath(path)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._base = self._place = self._size = 0
        """Offset of the window in the file, offset of the next record in the window, size of the window (bytes)."""
        self._windows = []
        self._map = None
        self._ids = ({}, {}, {}, {}, {})
        self._awaited = []
        self.records = 0
        self.closed = False
        self._open_window(FIRST_BYTES)
        HEADER.pack_into(self._map, 0, MAGIC, VERSION, RECORD_BYTES, algorithm.encode(), DETAIL if detail else 0)
        self._place = HEADER.size

    def define(self, table, text):
        """The id of a text in a table. Its first use writes a DEF record."""
        known = self._ids[table]
        number = known.get(text)
        if number is None:
            number = len(known) + 1
            data = text.encode("utf-8", "backslashreplace")[:0xFFFF]
            self.append(DEF, table, len(data), number)
            blocks = -(-len(data) // RECORD_BYTES)
            self._reserve(blocks * RECORD_BYTES)
            self._map[self._place : self._place + len(data)] = data
            self._place += blocks * RECORD_BYTES
            self.records += blocks
            known[text] = number
        return number

    def append(self, kind, flags=0, count=0, name=0, site=0, meta=0, digest=0, extra=0):  # noqa: PLR0917 - a record
        """Write one record; returns its index in the stream, which counts blocks of texts too."""
        if self._place + RECORD_BYTES > self._size:
            self._reserve(RECORD_BYTES)
        pack_record(self._map, self._place, kind, flags, count, name, site, meta, digest & MASK_64, extra & MASK_64)
        self._place += RECORD_BYTES
        self.records += 1
        return self.records - 1

    def append_awaited(self, digest, fetched, kind, flags, count, name, site, meta, extra):  # noqa: PLR0917 - a record
        """
        Write a record whose digest is not known yet; returns its index.

        `fetched` maps a list of awaited digests to their values. Raises what `fetched` raises.
        """
        place = self.append(AWAITED, flags, count, name, site, meta, kind, extra)
        self._awaited.append((place, kind, digest, fetched))
        if len(self._awaited) >= MOST_AWAITED:
            self.settle()
        return place

    def settle(self):
        """Write the values of all awaited digests; they become 0 if `fetched` raises, which is passed on."""
        awaited, self._awaited = self._awaited, []
        if not awaited:
            return
        found = [0] * len(awaited)
        try:
            found = awaited[0][3]([digest for _, _, digest, _ in awaited])
        finally:
            for (place, kind, _, _), digest in zip(awaited, found):
                self._fill_in(HEADER.size + place * RECORD_BYTES, kind, digest)

    def _fill_in(self, position, kind, digest):
        """Write the digest, then the kind: a record of kind AWAITED is incomplete."""
        place = position - self._base
        if place >= 0:
            DIGEST.pack_into(self._map, place + DIGEST_AT, digest & MASK_64)
            self._map[place : place + 1] = bytes([kind])
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)  # the record is before the window
        try:
            os.pwrite(handle, DIGEST.pack(digest & MASK_64), position + DIGEST_AT)
            os.pwrite(handle, bytes([kind]), position)
        finally:
            os.close(handle)

    def _reserve(self, needed):
        """Make room for this many more bytes. Raises ValueError if the stream is closed."""
        if self._place + needed <= self._size:
            return
        if self.closed:
            raise ValueError("the stream has been closed")
        self._open_window(max(needed + mmap.PAGESIZE, min(2 * self._size, MOST_WINDOW_BYTES)))

    def _open_window(self, size):
        """Map a new window that begins at the page of the next record, and keep the last one mapped."""
        position = self._base + self._place
        base = position - position % mmap.ALLOCATIONGRANULARITY
        size = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            _allocate(handle, base, size)
            address = _mapped(handle, base, size)
        finally:
            os.close(handle)
        self._windows.append((address, size))
        self._map = memoryview((ctypes.c_char * size).from_address(address)).cast("B")
        self._base, self._place, self._size = base, position - base, size
        while len(self._windows) > 2:  # a signal handler may open one while a record is written
            _unmap(*self._windows.pop(0))

    def end_for_now(self):
        """Write an END that the next record overwrites: a task that is killed before that counts as complete."""
        self._reserve(RECORD_BYTES)
        pack_record(self._map, self._place, END, 0, 0, 0, 0, 0, 0, self.records)

    def end(self, status=0, *, last=False):
        """Write END and truncate the file; `last` unmaps it too, and is for a stream to which no thread can write."""
        if self.closed:
            return
        try:
            self.settle()
        finally:
            self._close(status)
        if last:
            self._unmap_all()

    def _close(self, status):
        self.append(END, count=status, extra=self.records)
        self.closed = True
        self._size = 0
        written = (
            self._base + self._place + RECORD_BYTES
        )  # another thread may be writing a record: it needs mapped file
        os.truncate(self._path, -(-written // mmap.PAGESIZE) * mmap.PAGESIZE)

    def abandon(self):
        """In a forked child: unmap the stream, which is the parent's, and write nothing."""
        self._awaited = []
        self.closed = True
        self._size = 0
        self._unmap_all()

    def _unmap_all(self):
        self._map = None
        while self._windows:
            _unmap(*self._windows.pop())


def _allocate(handle, base, size):
    """Reserve disk blocks for a window: writing to a mapped page without a block on a full disk raises SIGBUS."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, base, size)
    else:
        os.ftruncate(handle, base + size)


def _mapped(handle, base, size):
    """The address of a new mapping. Python's `mmap` would keep a file descriptor open."""
    function = ctypes.CDLL(None, use_errno=True).mmap
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *(ctypes.c_int,) * 3, ctypes.c_long]
    address = function(None, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, handle, base)
    if address == MAP_FAILED:
        raise OSError(ctypes.get_errno(), "a stream cannot be mapped")
    return address


def _unmap(address, size):
    function = ctypes.CDLL(None).munmap
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    function(address, size)
