"""Which tokens of a stream differ between runs, and which of them come from the clock or another gauge for certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..runs.run import Run
from .lines import in_order
from .moments import is_compact, is_epoch, is_within
from .pieces import SplitLine, Token, lines_of

STREAMS = ("stdout", "stderr")


@dataclass(frozen=True)
class Place:
    """A token of a stream that differs between runs."""

    stream: str
    line: int
    """Counted from 0."""
    token: int
    """Its place in the line."""


@dataclass(frozen=True)
class StreamTexts:
    """One stream of several runs, line by line."""

    name: str
    lines: tuple[tuple[SplitLine, ...], ...]
    """Of each run."""

    @property
    def alike(self) -> bool:
        """Whether all runs have the same words, so that only tokens can differ."""
        first = [line.words for line in self.lines[0]]
        return all([line.words for line in other] == first for other in self.lines[1:])

    def differing(self) -> list[Place]:
        """The tokens that differ, of streams that are `alike`."""
        return [
            Place(self.name, number, place)
            for number, line in enumerate(self.lines[0])
            for place, token in enumerate(line.tokens)
            if any(other[number].tokens[place].text != token.text for other in self.lines[1:])
        ]

    def at(self, place: Place) -> tuple[Token, ...]:
        """The token of each run."""
        return tuple(run[place.line].tokens[place.token] for run in self.lines)


def texts_of(runs: Sequence[Run], name: str) -> StreamTexts | None:
    """
    A stream of these runs; None if one is too long or no text.

    Lines of several processes come in the order of chance: where they do, they are put in an order of their own.
    """
    found = []
    for run in runs:
        lines = lines_of(run.stdout.path if name == "stdout" else run.stderr.path)
        if lines is None:
            return None
        found.append(tuple(lines))
    texts = StreamTexts(name, tuple(found))
    if texts.alike or not all(len(run.pids) > 1 for run in runs):
        return texts
    return StreamTexts(name, in_order(texts.lines))


def from_gauges(tokens: Sequence[Token], runs: Sequence[Run]) -> bool:
    """
    Whether each run's token is a point in time of that run, its process id, an address, or an amount of memory.

    So is what a progress bar showed before it was full, in one of the runs.
    """
    return any(token.interim for token in tokens) or all(map(_from_gauge, tokens, runs))


def _from_gauge(token: Token, run: Run) -> bool:
    end = run.started + run.seconds
    if token.kind == "amount":
        value = token.value
        own = value is not None and bool(run.started) and (value in run.pids or is_epoch(value, run.started, end))
        own = own or is_compact(token.text.lstrip("+-"), run.started, end)
        return own or token.memory or token.process
    return token.kind in {"address", "temporary"} or is_within(token.text, run.started, end)


def results_differ(first: Run, second: Run, name: str) -> bool:
    """
    Whether a stream of two runs differs in more than what looks like a time or comes from a gauge.

    Of stderr only amounts count: its lines come from several libraries and processes, in the order of chance.
    """
    one, other = (run.stdout if name == "stdout" else run.stderr for run in (first, second))
    if one.sha256 == other.sha256:
        return False
    if first.exact_output:
        return name == "stdout"
    texts = texts_of((first, second), name)
    if texts is None or not texts.alike:
        return name == "stdout"
    return any(not _may_differ(texts.at(place), (first, second)) for place in texts.differing())


def _may_differ(tokens: Sequence[Token], runs: Sequence[Run]) -> bool:
    return from_gauges(tokens, runs) or all(token.timely or token.kind == "moment" for token in tokens)
