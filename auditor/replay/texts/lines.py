"""Lines that several processes wrote: torn apart where two wrote into one line, and put in an order of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .pieces import SplitLine, split

Lines = tuple[SplitLine, ...]
MOST_TORN = 2000
"""Longest line that is torn apart, in characters."""


def in_order(runs: Sequence[Lines]) -> tuple[Lines, ...]:
    """The lines of each run without empty ones, by their words, then by their tokens but for durations."""
    words = [{line.words for line in run} for run in runs]
    common = set.intersection(*words) - {""}
    every = set.union(*words) - {""}
    return tuple(tuple(sorted((one for line in run for one in _torn(line, common, every)), key=_order)) for run in runs)


def _torn(line: SplitLine, common: set[str], every: set[str]) -> Iterator[SplitLine]:
    """The line; or the two that were written into it."""
    if not line.words:
        return
    if line.words not in common and len(line.text) <= MOST_TORN:
        for place in range(1, len(line.text)):
            first, second = split(line.text[:place]), split(line.text[place:])
            if first.words in every and second.words in every:
                yield from (first, second)
                return
    yield line


def _order(line: SplitLine) -> tuple[str, tuple[str, ...]]:
    return line.words, tuple(token.text for token in line.tokens if token.kind == "amount" and not token.timely)
