"""Lines that several processes wrote: torn apart where two wrote into one line, and put in an order of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .pieces import Line, SplitLine, split, split_line

MOST_LINES = 2000
"""Most lines of a run that differ from those of the others; more are not examined."""
MOST_TORN = 400
"""Longest line that is torn apart, in characters."""
STARTS = 4
"""Characters by which a place where a line may start is known, digits alike."""
_DIGIT = re.compile(r"\d")


def in_order(runs: Sequence[Sequence[Line]]) -> tuple[tuple[SplitLine, ...], ...] | None:
    """
    The lines of each run that not all runs have, by their words, then by their tokens but for durations.

    None if they are too many.
    """
    left = _without_common(runs)
    if max(map(len, left)) > MOST_LINES:
        return None
    lines = [[split_line(one) for one in run] for run in left]
    words = [{line.words for line in run} for run in lines]
    known = _Known(set.intersection(*words), set.union(*words), {_start(line.text) for run in left for line in run})
    return tuple(tuple(sorted((one for line in run for one in _torn(line, known)), key=_order)) for run in lines)


class _Known(NamedTuple):
    """What lines there are: words that all runs have, words that some have, and how lines start."""

    common: set[str]
    every: set[str]
    starts: set[str]


def _start(text: str, place: int = 0) -> str:
    return _DIGIT.sub("0", text[place : place + STARTS])


def _without_common(runs: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Each run's lines without empty ones and those that every run has, as often as all have them."""
    counts = [Counter(line.text for line in run if line.text) for run in runs]
    shared = counts[0]
    for other in counts[1:]:
        shared = shared & other
    left = []
    for run in runs:
        used: Counter[str] = Counter()
        kept = []
        for line in run:
            used[line.text] += 1
            if line.text and used[line.text] > shared[line.text]:
                kept.append(line)
        left.append(kept)
    return left


def _torn(line: SplitLine, known: _Known) -> Iterator[SplitLine]:
    """The line; or the two that were written into it."""
    if line.words not in known.common and len(line.text) <= MOST_TORN:
        for place in range(1, len(line.text)):
            if _start(line.text, place) not in known.starts:
                continue
            first, second = (split(one, number=line.number) for one in (line.text[:place], line.text[place:]))
            if first.words in known.every and second.words in known.every:
                yield from (first, second)
                return
    yield line


def _order(line: SplitLine) -> tuple[str, tuple[str, ...]]:
    return line.words, tuple(token.text for token in line.tokens if token.kind == "amount" and not token.timely)
