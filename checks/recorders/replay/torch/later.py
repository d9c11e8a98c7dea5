"""
Digests that an accelerator still computes: begun where the operation ran, fetched many at a time.

To fetch is to wait for the device, and a program that waits after each operation loses what made the device fast. So
a record is written with the mark that its content is awaited, and `Stream.settle` fills in what was fetched. Not yet
run on an accelerator; the same code is tested on the CPU.
"""

from __future__ import annotations

from ..trace import digests
from . import device


class Begun:
    """The digest of one tensor: a sum that lies on the device."""

    __slots__ = ("content", "size", "total")

    def __init__(self, content, total, size):
        self.content, self.total, self.size = content, total, size

    def begun(self):
        """The tensors to fetch."""
        return [self.total]

    def value(self, numbers):
        """The digest, from an iterator over the numbers that were fetched."""
        return device.ended(next(numbers), self.size)


class Mixed:
    """The digest of several tensors in their order, of which some are awaited."""

    __slots__ = ("content", "parts")

    def __init__(self, content, parts):
        self.content, self.parts = content, parts

    def begun(self):
        """The tensors to fetch."""
        return [total for part in self.parts if not isinstance(part, int) for total in part.begun()]

    def value(self, numbers):
        """The digest, from an iterator over the numbers that were fetched."""
        return digests.mixed([part if isinstance(part, int) else part.value(numbers) for part in self.parts])


def mixed(content, parts):
    """Of digests that are known or awaited."""
    if all(isinstance(part, int) for part in parts):
        return digests.mixed(parts)
    return Mixed(content, parts)


def append(stream, kind, flags, count, name, site, meta, digest, extra=0):  # noqa: PLR0917 - a record
    """Write a record whose digest may be awaited; returns its place."""
    if isinstance(digest, int):
        return stream.append(kind, flags, count, name, site, meta, digest, extra)
    return stream.append_awaited(digest, fetched, kind, flags, count, name, site, meta, extra)


def fetched(awaited):
    """The digests of these, in their order, with one transfer for each device. Raises RuntimeError of the device."""
    totals = [total for one in awaited for total in one.begun()]
    numbers = iter(awaited[0].content.fetched(totals))
    return [one.value(numbers) for one in awaited]
