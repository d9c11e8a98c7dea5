"""
Pending digests: an accelerator computes them, and many are fetched at once.

Fetching a digest waits for the device, and a wait after each operation would make the program slow. So a record is
written as AWAITED, and `Stream.settle` fetches the digests and fills them in. This code is tested on the CPU and has
not run on an accelerator.
"""

from __future__ import annotations

from ..trace import digests
from . import device


class PendingDigest:
    """The pending digest of one tensor: a sum on the device."""

    __slots__ = ("content", "size", "total")

    def __init__(self, content, total, size):
        self.content, self.total, self.size = content, total, size

    def begun(self):
        """The sums to fetch, tensors on devices."""
        return [self.total]

    def value(self, numbers):
        """The digest, computed from the next numbers of an iterator over those that were fetched."""
        return device.ended(next(numbers), self.size)


class PendingMix:
    """The pending digest of several tensors in their order."""

    __slots__ = ("content", "parts")

    def __init__(self, content, parts):
        self.content, self.parts = content, parts

    def begun(self):
        """The sums to fetch, tensors on devices."""
        return [total for part in self.parts if not isinstance(part, int) for total in part.begun()]

    def value(self, numbers):
        """The digest, computed from the next numbers of an iterator over those that were fetched."""
        return digests.mixed([part if isinstance(part, int) else part.value(numbers) for part in self.parts])


def mixed(content, parts):
    """The digest of several digests, each an int or pending."""
    if all(isinstance(part, int) for part in parts):
        return digests.mixed(parts)
    return PendingMix(content, parts)


def append(stream, kind, flags, count, name, site, meta, digest, extra=0):  # noqa: PLR0917 - a record
    """Write a record whose digest is an int or pending; returns its index."""
    if isinstance(digest, int):
        return stream.append(kind, flags, count, name, site, meta, digest, extra)
    return stream.append_awaited(digest, fetched, kind, flags, count, name, site, meta, extra)


def fetched(awaited):
    """The values of pending digests, with one transfer per device. Raises RuntimeError of the device."""
    totals = [total for one in awaited for total in one.begun()]
    numbers = iter(awaited[0].content.fetched(totals))
    return [one.value(numbers) for one in awaited]
