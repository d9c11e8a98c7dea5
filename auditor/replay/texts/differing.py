"""Which tokens of a stream differ between runs, and which of them come from the clock or another gauge for certain."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..runs.run import Run
from .drawn import MARK, marker
from .lines import in_order
from .moments import is_compact, is_epoch, is_within
from .pairing import plain_name
from .pieces import Line, SplitLine, Token, lines_of, split, split_line

STREAMS = ("stdout", "stderr")
LEAST_DRAWN, MOST_DRAWN = 4, 10
"""Characters that `tempfile` (8) and `mktemp` (6, 10) draw for a name; of two names, a few may agree."""


@dataclass(frozen=True)
class Place:
    """A token of a stream that differs between runs."""

    stream: str
    line: int
    """Its index among the lines that are compared."""
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

    def of(self, runs: slice) -> StreamTexts:
        """The same texts, of some of the runs."""
        return StreamTexts(self.name, self.lines[runs])

    def at(self, place: Place) -> tuple[Token, ...]:
        """The token of each run."""
        return tuple(run[place.line].tokens[place.token] for run in self.lines)


def texts_of(runs: Sequence[Run], name: str) -> StreamTexts | None:
    """
    A stream of these runs; None if their words differ, or if it is too long or no text.

    Lines that are equal in all runs are not split. Lines of several processes come in the order of chance: where they
    do, and it is not known which process printed which, they are put in an order of their own.
    """
    paths = [run.stdout.path if name == "stdout" else run.stderr.path for run in runs]
    known = name == "stdout" and all(run.stdout.attributed for run in runs)
    several = not known and all(len(run.pids) > 1 for run in runs)
    return texts_in(paths, name, [run.names for run in runs], several_writers=several)


def texts_in(
    paths: Sequence[Path], name: str, drawn: Sequence[frozenset[str]], *, several_writers: bool
) -> StreamTexts | None:
    """
    The same of any files of lines, one of each run.

    `drawn` are the names that each run drew; `several_writers` if the order of lines may be chance.
    """
    read = [lines_of(path, names) for path, names in zip(paths, drawn, strict=True)]
    lines = [one for one in read if one is not None]
    if len(lines) < len(paths):
        return None
    if len({len(one) for one in lines}) == 1:
        texts = StreamTexts(name, tuple(zip(*map(_split, zip(*lines, strict=True)), strict=True)))
        if texts.alike:
            return texts
    if not several_writers:
        return None
    ordered = in_order(lines)
    texts = StreamTexts(name, ordered or ())
    return texts if ordered is not None and texts.alike else None


def _split(same: tuple[Line, ...]) -> tuple[SplitLine, ...]:
    """The same line of each run."""
    if all(one.text == same[0].text for one in same):
        return tuple(SplitLine(one.text.replace(MARK, ""), one.text, number=one.number) for one in same)
    return tuple(map(split_line, same))


def from_gauges(tokens: Sequence[Token], runs: Sequence[Run]) -> bool:
    """Whether each run's token is a point in time of that run, its process id, a drawn name, an address, or memory."""
    if all(token.kind == "temporary" for token in tokens):
        plain = [plain_name(token.text, run) for token, run in zip(tokens, runs, strict=True)]
        return are_temporary(plain) or _name_their_runs(tokens, runs)
    return all(map(_from_gauge, tokens, runs))


def _name_their_runs(tokens: Sequence[Token], runs: Sequence[Run]) -> bool:
    """Whether paths below a temporary folder differ in dates and names of their runs, as paths elsewhere may."""
    marks = [marker(run.names) for run in runs]
    paths = [token.text.replace("/", " /") for token in tokens]  # a temporary folder is none behind a blank
    lines = [split(mark(path) if mark else path) for mark, path in zip(marks, paths, strict=True)]
    if len({line.words for line in lines}) > 1:
        return False
    places = zip(*(line.tokens for line in lines), strict=True)
    return all(from_gauges(place, runs) for place in places if len({one.text for one in place}) > 1)


def are_temporary(paths: Sequence[str]) -> bool:
    """Whether paths differ in parts of names that look drawn at random, as `tempfile` and `mktemp` draw them."""
    parts = [path.split("/") for path in paths]
    if len({len(one) for one in parts}) > 1:
        return False
    return all(_drawn(names) for names in zip(*parts, strict=True) if len(set(names)) > 1)


def _drawn(names: Sequence[str]) -> bool:
    start = len(os.path.commonprefix(names))  # noqa: RUF071 - characters are meant
    end = len(os.path.commonprefix([name[start:][::-1] for name in names]))  # noqa: RUF071 - characters are meant
    drawn = [name[start : len(name) - end] for name in names]
    same = len({*map(len, drawn)}) == 1 and LEAST_DRAWN <= len(drawn[0]) <= MOST_DRAWN
    return same and all(re.fullmatch(r"\w+", one) and not one.isdigit() for one in drawn)


def _from_gauge(token: Token, run: Run) -> bool:
    end = run.started + run.seconds
    if token.kind == "amount":
        value = token.value
        own = value is not None and bool(run.started) and (value in run.pids or is_epoch(value, run.started, end))
        own = own or is_compact(token.text.lstrip("+-"), run.started, end)
        return own or token.memory or token.process
    return token.kind in {"address", "identity"} or is_within(token.text, run.started, end)


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
    if texts is None:
        return name == "stdout"
    return any(not may_differ(texts.at(place), (first, second)) for place in texts.differing())


def may_differ(tokens: Sequence[Token], runs: Sequence[Run]) -> bool:
    """Whether a token that differs comes from a gauge, looks like a time, or stands in a bar that went on in a run."""
    timely = all(token.timely or token.kind == "moment" for token in tokens)
    return timely or any(token.passing for token in tokens) or from_gauges(tokens, runs)
