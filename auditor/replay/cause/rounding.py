"""
Whether two runs gave the same up to rounding, where their bits may lawfully differ: compiled and not compiled.

Their operations cannot be compared: a compiled region is one step, and without the compiler it is many. So the numbers
that the runs printed are compared, beyond the digits to which they were rounded for printing. How far rounding alone
moves the results of a program is measured: by a run with other instructions and one thread (`CONTROL`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..runs.run import Run
from ..texts.differing import STREAMS, StreamTexts, from_gauges, texts_of
from ..texts.pieces import Token, lines_of, split
from ..trace.archive import open_trace
from ..trace.format import DRAWS, METAS, OP, REGION

CONTROL = {"isa": "least", "threads": "1"}
"""Settings that change how results are rounded and nothing else."""
PRECISIONS = {"f8": 2.0**-2, "bf16": 2.0**-7, "f16": 2.0**-10, "f32": 2.0**-23, "f64": 2.0**-52}
"""Distance from 1 to the next number of each type."""
_TYPE = re.compile(r"(?<![a-z0-9])(f8|bf16|f16|f32|f64)(?:e\w+)?\[")
ROUNDINGS = 1024.0
"""So many units of the last place are rounding without any further evidence: long sums lose as much."""
LIKE_CONTROL = 16.0
"""As many times as far as the control moved the results is rounding too."""
BEYOND_CONTROL = 64.0
"""What is called wrong is at least so many times as far."""
COARSE_DIGITS = 4
"""A number with so few digits may be a count, such as an accuracy: rounding can flip one of its cases."""
BEYOND_COARSE = 0.1
"""Relative distance of such numbers that is called wrong."""
NOT_FINITE = re.compile(r"\b(?:nan|inf)", re.IGNORECASE)
Judgement = Literal["rounding", "unclear", "beyond"]


@dataclass(frozen=True)
class Furthest:
    """The two numbers that are the furthest apart."""

    relative: float = 0.0
    """Their distance beyond the digits that were printed / the larger of them."""
    place: str = ""
    """Stream and line, such as `stdout:3`; empty if no number differs."""
    first: str = ""
    second: str = ""
    """The lines."""


@dataclass(frozen=True)
class Distance:
    """How far what two runs printed is apart."""

    fine: Furthest = Furthest()
    """Among numbers with more than COARSE_DIGITS digits."""
    coarse: Furthest = Furthest()
    """Among the others."""
    words: Furthest | None = None
    """The first line of stdout whose words differ, if any; `relative` is infinite if one has NaN or infinity."""

    @property
    def furthest(self) -> Furthest:
        """The pair of numbers that decides: fine ones, unless only coarse ones differ."""
        return self.fine if self.fine.place or not self.coarse.place else self.coarse


def prints_numbers(run: Run) -> bool:
    """Whether it printed any number that is no time."""
    for path in (run.stdout.path, run.stderr.path):
        for line in lines_of(path) or ():
            if any(_counts(token) for token in split(line.text).tokens):
                return True
    return False


def precision_of(run: Run) -> float:
    """The precision of the least precise floating-point type that was recorded; that of float32 if there is none."""
    with open_trace(run.folder) as trace:
        texts = (
            stream.text(METAS, number + 1)
            for stream in trace.streams.values()
            for number in range(len(stream.structure.tables[METAS]))
        )
        found = {name for text in texts for name in _TYPE.findall(text)}
    return max((PRECISIONS[name] for name in found), default=PRECISIONS["f32"])


def draws_differ(first: Run, second: Run) -> bool:
    """Whether frameworks drew other random numbers in the two runs: compilers may draw in ways of their own."""
    return _draws(first) != _draws(second)


def _draws(run: Run) -> list[int]:
    with open_trace(run.folder) as trace:
        return [
            record.digest
            for _, stream in sorted(trace.streams.items(), key=lambda each: each[0].order)
            for record in stream.records()
            if record.kind in {OP, REGION} and record.flags & DRAWS
        ]


def distance(first: Run, second: Run) -> Distance:
    """How far the numbers are apart that two runs printed. Times, process ids and the like are left out."""
    fine, coarse = Furthest(), Furthest()
    for name in STREAMS:
        texts = texts_of((first, second), name)
        if texts is None:
            if name == "stdout":
                return Distance(words=_words(first, second))
            continue
        for one, exact in _apart(texts, (first, second)):
            if exact:
                fine = max(fine, one, key=lambda each: each.relative)
            else:
                coarse = max(coarse, one, key=lambda each: each.relative)
    return Distance(fine, coarse)


def _apart(texts: StreamTexts, runs: tuple[Run, Run]) -> Iterator[tuple[Furthest, bool]]:
    """Each number that differs, and whether it has many digits."""
    for place in texts.differing():
        tokens = texts.at(place)
        if from_gauges(tokens, runs) or not all(map(_counts, tokens)):
            continue
        one, other = (lines[place.line] for lines in texts.lines)
        exact = max(_digits(token.text) for token in tokens) > COARSE_DIGITS
        yield Furthest(_relative(*tokens), f"{texts.name}:{one.number}", one.text, other.text), exact


def _counts(token: Token) -> bool:
    return token.kind == "amount" and token.value is not None and not token.timely


def _relative(one: Token, other: Token) -> float:
    """The gap between what the two may have been before they were rounded for printing / the larger one."""
    gap = max(one.low, other.low) - min(one.high, other.high)
    largest = max(abs(one.value or 0.0), abs(other.value or 0.0))
    return max(0.0, gap) / largest if largest else 0.0


def _digits(text: str) -> int:
    """The number of significant digits; zeros at the end of a number with a point may only fill it up."""
    mantissa = re.sub(r"[^0-9.]", "", text.lower().partition("e")[0])
    digits = mantissa.replace(".", "").lstrip("0")
    return len(digits.rstrip("0") if "." in mantissa else digits)


def _words(first: Run, second: Run) -> Furthest:
    """The first line of stdout that differs in words; infinitely far if only one of them has NaN or infinity."""
    sides = [lines_of(run.stdout.path) for run in (first, second)]
    if sides[0] is None or sides[1] is None:
        return Furthest(place="stdout")
    for one, other in zip(*sides, strict=False):
        if split(one.text).words != split(other.text).words:
            wrong = len(NOT_FINITE.findall(one.text)) != len(NOT_FINITE.findall(other.text))
            return Furthest(math.inf if wrong else 0.0, f"stdout:{one.number}", one.text, other.text)
    return Furthest(place=f"stdout:{1 + min(len(side) for side in sides if side is not None)}")


def is_rounding(found: Distance, precision: float) -> bool:
    """Whether it is small enough to be rounding without a control."""
    return found.words is None and max(found.fine.relative, found.coarse.relative) <= _surely(precision)


def judged(found: Distance, control: Distance, precision: float) -> Judgement:
    """What the distance of two runs shows, beside that of the control from the first of them."""
    half = math.sqrt(precision)
    if found.words is not None:
        moved = control.words is not None
        return "beyond" if found.words.relative and not moved else "unclear"
    if control.words is not None:
        return "unclear"
    moved_by = max(control.fine.relative, control.coarse.relative)
    lawful = max(_surely(precision), min(LIKE_CONTROL * moved_by, half))
    if max(found.fine.relative, found.coarse.relative) <= lawful:
        return "rounding"
    beyond = max(half, BEYOND_CONTROL * moved_by)
    wrong = found.fine.relative > beyond or found.coarse.relative > max(beyond, BEYOND_COARSE)
    return "beyond" if wrong else "unclear"


def _surely(precision: float) -> float:
    return min(ROUNDINGS * precision, math.sqrt(precision))
