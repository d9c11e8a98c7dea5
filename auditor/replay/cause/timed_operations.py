"""
Whether operations that differ compute on durations alone: a program may log its speed through a framework's metrics.

Each of them gives a single number, differs under the clocks of ours too, and between them; and what the program reads
out of tensors under those clocks is either equal, or as many times larger or smaller as one clock is faster. A draw, a
seed, another step, an array of numbers, a number that follows no clock, or a weight of torch that differs is a result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..alignment.events import Shared
from ..alignment.first_differences import compare
from ..alignment.two_streams import Gap, align
from ..runs import noted
from ..runs.run import Run
from ..trace.archive import TaskKey, Trace, open_trace
from ..trace.format import DRAWS, OP, OUTSIDE, READ, REGION, SourceLine

MOST_OPERATIONS = 100_000
"""Limit of differing operations that are looked at."""
ONE_NUMBER = re.compile(r"(bool|bf16|[fiu][0-9]+)\[1?(,1)*\](@\S*)?")
"""The meta of a tensor with a single real number: dtype, shape, device."""
ROUNDING = 1e-5
"""Relative error of single precision and of clock readings of about 1.7e9 s, with a margin."""

Place = tuple[TaskKey, int]


@dataclass(frozen=True)
class Timed:
    """Operations that differ and give single numbers."""

    digests: Mapping[Place, int]
    """What each gave in the second run, by its place in the first run: task and index of the record."""
    name: str = ""
    source: SourceLine | None = None
    """The first of them."""


def between(first: Run, second: Run) -> Timed | None:
    """What differs between two runs, if all of it gives single numbers and none is drawn; None otherwise."""
    digests: dict[Place, int] = {}
    shown: tuple[str, SourceLine] | None = None
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        compared = compare(one, other)
        if compared.problems or compared.cut or any(found.kind != "content" for found in compared.differences):
            return None
        for key in [found.key for found in compared.differences]:
            for at, digest, told in _differing(key, one, other):
                if told is None or len(digests) >= MOST_OPERATIONS:
                    return None
                digests[key, at] = digest
                shown = shown or told
    return Timed(digests, *(shown or ()))


def _differing(key: TaskKey, one: Trace, other: Trace) -> Iterator[tuple[int, int, tuple[str, SourceLine] | None]]:
    """Index, the second run's digest, and what it is, of each step that differs; None for one that is no number."""
    first, second = one.streams[key], other.streams[key]
    numbers: set[tuple[int, int]] = set()
    for step in align(Shared(), first, second):
        if isinstance(step, Gap):
            yield 0, 0, None
            return
        if not step.equal and step.first.record.kind != OUTSIDE:
            record, theirs = step.first.record, step.second.record
            pair = record.digest, theirs.digest
            plain = record.kind in {OP, REGION, READ} and not record.flags & DRAWS
            alike = plain and first.meta_of(record) == second.meta_of(theirs)
            if alike and ONE_NUMBER.fullmatch(first.meta_of(record)):
                numbers.add(pair)
            number = alike and pair in numbers  # a copy of a number's bytes has its digests
            yield record.at, theirs.digest, (first.name_of(record), first.source(record)) if number else None


def may_be_times(base: Sequence[Run]) -> bool:
    """Whether the operations that differ between these runs all give single numbers."""
    return all(between(base[0], other) is not None for other in base[1:])


def follow_the_clock(base: Sequence[Run], slow: Run, fast: Run, factor: float) -> Timed | None:
    """
    The operations that differ between the baseline runs, if they compute on durations alone; None otherwise.

    `slow` and `fast` ran under clocks of ours, one of which goes `factor` times as fast.
    """
    pairs = [between(base[0], other) for other in (*base[1:], slow, fast)]
    known = [one for one in pairs if one is not None]
    if len(known) < len(pairs):
        return None
    *plain, under_slow, under_fast = known
    for place in {place for one in plain for place in one.digests}:
        one, other = under_slow.digests.get(place), under_fast.digests.get(place)
        if one is None or other is None or one == other:
            return None
    if not _numbers_follow(noted.read_numbers(slow.folder), noted.read_numbers(fast.folder), factor):
        return None
    return next((one for one in plain if one.digests), None)


def _numbers_follow(
    slow: Mapping[tuple[str, int], Sequence[float]], fast: Mapping[tuple[str, int], Sequence[float]], factor: float
) -> bool:
    """Whether every number that was read is equal or follows the clock, and one does; all of them must be known."""
    if sum(map(len, slow.values())) >= noted.MOST_NUMBERS:
        return False
    if slow.keys() != fast.keys() or any(len(slow[key]) != len(fast[key]) for key in slow):
        return False
    pairs = [pair for key in slow for pair in zip(slow[key], fast[key], strict=True)]
    moved = [(one, other) for one, other in pairs if one != other and not (math.isnan(one) and math.isnan(other))]
    return bool(moved) and all(_is_times(one, other, factor) or _is_times(other, one, factor) for one, other in moved)


def _is_times(small: float, large: float, factor: float) -> bool:
    return math.isclose(factor * small, large, rel_tol=ROUNDING)
