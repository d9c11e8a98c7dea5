"""
The common prefix of two streams, found by their bytes.

Ids are numbered in order of first use, so equal beginnings of two streams are equal bytes.
"""

from __future__ import annotations

from .format import HEADER, RECORD_BYTES, TraceError
from .stream import CHUNK_BYTES, Stream


def check_comparable(first: Stream, second: Stream) -> None:
    """Raises TraceError if the digests of the two streams cannot be compared."""
    if first.algorithm != second.algorithm:
        raise TraceError(
            f"{first.name} has digests of {first.algorithm} in one trace and of {second.algorithm} in the other",
            "They cannot be compared. Record both with `--portable`, whose algorithm every machine has.",
        )
    if first.detail != second.detail:
        raise TraceError(
            f"{first.name} was recorded with inputs in one trace and without in the other",
            "They cannot be compared. Record both in the same tier.",
        )


def first_difference(first: Stream, second: Stream, start: tuple[int, int] = (0, 0)) -> int | None:
    """
    How many blocks after `start` the first differing one is; None if both streams are equal to their ends.

    A stream that is a prefix of the other one differs at its end.
    """
    check_comparable(first, second)
    lengths = first.blocks - start[0], second.blocks - start[1]
    common, done = min(lengths), 0
    per_chunk = CHUNK_BYTES // RECORD_BYTES
    while done < common:
        size = min(per_chunk, common - done) * RECORD_BYTES
        one, other = (
            stream.extent.read(HEADER.size + (place + done) * RECORD_BYTES, size)
            for stream, place in ((first, start[0]), (second, start[1]))
        )
        if one != other:
            return done + _first_block(one, other)
        done += per_chunk
    return common if lengths[0] != lengths[1] else None


def _first_block(one: bytes, other: bytes) -> int:
    """The first block of 32 bytes that differs, by bisection."""
    low, high = 0, -(-max(len(one), len(other)) // RECORD_BYTES)
    while high - low > 1:
        middle = (low + high) // 2
        if one[low * RECORD_BYTES : middle * RECORD_BYTES] == other[low * RECORD_BYTES : middle * RECORD_BYTES]:
            low = middle
        else:
            high = middle
    return low
