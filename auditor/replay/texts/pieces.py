"""
Splits a line of output into words and tokens: amounts, points in time, addresses, names of temporary files.

What lies before the last carriage return of a line is left out, as a terminal leaves it: progress bars rewrite a line
as often as time allows.
"""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Literal

from .drawn import MARK, marker

MOST_BYTES = 16 << 20
"""Longer output is not examined: every byte of it counts."""
Kind = Literal["amount", "moment", "address", "temporary", "identity"]
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_TIME_OF_DAY = r"\d{1,2}[:.-]\d{2}[:.-]\d{2}(?:[.,]\d+)?"
_MOMENT = "|".join(
    (
        rf"(?:(?:{_DAYS})[a-z]*,?\s+)?(?:{_MONTHS})[a-z]*[ _-]?\d{{1,2}}(?:[ _T-]+{_TIME_OF_DAY})?(?:\s+\d{{4}})?",
        rf"(?:19|20)\d\d[-/._]\d\d[-/._]\d\d(?:[ _T/-]*(?:{_TIME_OF_DAY}|\d{{6}}|\d\d:\d\d))?",
        r"(?:19|20)\d{6}[-_T]?\d{6}(?:[-_.]?\d{6}|\d{3})?",
        r"\d{1,3}(?::\d{2}){1,2}(?:[.,]\d+)?",
    )
)
_TEMPORARY = "|".join(sorted({re.escape(tempfile.gettempdir()), "/tmp", "/var/tmp", "/dev/shm"}))  # noqa: S108 - names
_PREFIX = r"[IWEFD]\d{4}\s\d\d:\d\d:\d+\.\d+\s+\d+"
"""How C++ code logs: severity, date, time, number of the thread."""
UNITS: dict[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "msec": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "mins": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}
"""Units of time, in seconds."""
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3}(?!\d))?|\d+(?:\.\d+)?"
_PIECE = re.compile(
    rf"(?P<identity>{MARK}[^{MARK}]*{MARK})"
    rf"|(?P<moment>{_PREFIX}|(?<![\d.:])(?:{_MOMENT})(?!\d|:\d))"
    r"|(?P<address>\bat 0x[0-9a-fA-F]{6,})"
    rf"|(?P<temporary>(?<![\w/])(?:{_TEMPORARY})/[^\s'\",)]+)"
    r"|(?P<unknown>\?[a-z]+/s\b)"
    rf"|(?P<amount>{_AMOUNT})(?:(?P<each>(?:{_UNIT})/[a-z]+)|(?P<rate>[a-z]+/s\b)|(?P<unit>\s?(?:{_UNIT})(?![\w/])))?"
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x08+")
_BARS = re.compile(r"([^\w\s\0])\1+")
"""Bars are as long as the space that is left for them."""
_STATE = re.compile(r"(\d{1,12})/(\d{1,12})\s*\[?[━█#=>▏▎▍▌▋▊▉]")
_MARKS = re.compile(r"(\0\w+\0)")
"""The mark of a token among words."""
_LONG_BEFORE, _LONG_AFTER = 24, 16
"""How far from a token its label may stand, in characters."""
_TIMELY = re.compile(
    r"time|took|elapsed|durat|\beta\b|sec|latenc|speed|through|fps|sps|runtime|/s\b|wall|clock|hours|minutes|\bms\b",
    re.IGNORECASE,
)
_TIMELY_AFTER = re.compile(
    r"^\s?(?:[\w.]*/(?:s|sec|second|step|it|batch|iter|epoch)\b|[a-z]+ per sec|fps|hz\b)", re.IGNORECASE
)
_OF_MEMORY = re.compile(r"\bmem\b|memory|\brss\b|\bheap\b|allocated|reserved|\bram\b|\bpeak\b", re.IGNORECASE)
_OF_PROCESS = re.compile(r"\bp(?:rocess)?[ _]?id\b|\bprocess\b|\bport\b", re.IGNORECASE)
LEAST_ID = 1000
"""Process ids and ports of programs are larger; "process 2" counts processes."""
_BYTES = re.compile(r"^\s?(?:[KMGT]i?B|bytes)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """A part of a line that may differ by its nature."""

    kind: Kind
    text: str
    value: float | None = None
    """Of an amount: its number, in seconds if it has a unit of time. Of hours, minutes and seconds: seconds."""
    low: float = 0.0
    high: float = 0.0
    """Between what the number may lie that was rounded to its digits, in the same unit."""
    least_seconds: float | None = None
    """If it has a unit of time: the least duration that is rounded to it."""
    timely: bool = False
    """Whether a unit or a word beside it says that it is a duration or a rate."""
    memory: bool = False
    """Whether a word and a unit beside it say that it is an amount of memory."""
    interim: bool = False
    """Whether it belongs to a progress bar that was not full when it was last shown."""
    passing: bool = False
    """Whether that bar was shown full later, so that it shows a moment, and no end."""
    process: bool = False
    """Whether they say that it is the number of a process or of a port."""


@dataclass(frozen=True)
class SplitLine:
    """A line as words, with a mark for each token, and the tokens."""

    text: str
    words: str
    tokens: tuple[Token, ...] = ()
    number: int = 0
    """Its place in the stream, counted from 1."""


@dataclass(frozen=True)
class Line:
    """A line as a terminal shows it in the end."""

    text: str
    """With marks about the names that the run drew."""
    rewritten: bool
    number: int
    """Counted from 1."""
    bar: str = ""
    """Where a bar that is not full begins it: the same bar as the next line shows it, full."""


def lines_of(path: Path, names: frozenset[str] = frozenset()) -> list[Line] | None:
    """
    The lines of a stream that was kept; None if it is too long, or is no text.

    `names` are those that the run drew at random.
    """
    if path.stat().st_size > MOST_BYTES:
        return None
    data = path.read_bytes()
    if b"\0" in data:
        return None
    mark = marker(names)
    lines = data.decode(errors="replace").replace(MARK, "").split("\n")
    shown = _with_passing([_shown(line.rstrip("\r"), number) for number, line in enumerate(lines, 1)])
    return [replace(one, text=mark(one.text)) for one in shown] if mark else shown


def _shown(whole: str, number: int) -> Line:
    return Line(_ESCAPES.sub("", whole.rpartition("\r")[2]).rstrip(), "\r" in whole, number)


def _with_passing(lines: list[Line]) -> list[Line]:
    """Marks the lines with a bar that another print broke off, and that went on behind it, as Keras' bars do."""
    following = [*lines[1:], None]
    return [
        replace(one, bar=after.text) if after and one.rewritten and after.rewritten and _goes_on(one, after) else one
        for one, after in zip(lines, following, strict=True)
    ]


def _goes_on(line: Line, after: Line) -> bool:
    found, full = _STATE.search(line.text), _STATE.search(after.text)
    if found is None or full is None:
        return False
    return int(found[1]) < int(found[2]) == int(full[2]) == int(full[1])


def _is_interim(line: str) -> bool:
    """Whether a line that was rewritten ends with a bar that is not full: how far it came is a matter of time."""
    found = _STATE.search(line)
    return found is not None and int(found[1]) < int(found[2])


def split_line(line: Line) -> SplitLine:
    """The words and tokens of a line of a file. Those of a bar that went on are marked, not what stands behind it."""
    made = split(line.text, rewritten=line.rewritten, number=line.number)
    count = _alike_from_the_start(made, split(line.bar)) if line.bar else 0
    marked = (replace(one, passing=True) for one in made.tokens[:count])
    return replace(made, tokens=(*marked, *made.tokens[count:])) if count else made


def _alike_from_the_start(one: SplitLine, other: SplitLine) -> int:
    """How many tokens have the same words before them in both lines."""
    parts = zip(_MARKS.split(one.words), _MARKS.split(other.words), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0].strip() == pair[1].strip(), parts))
    return same // 2  # words and marks take turns


def split(line: str, *, rewritten: bool = False, number: int = 0) -> SplitLine:
    """The line's words and tokens."""
    interim = rewritten and _is_interim(line)
    words: list[str] = []
    tokens: list[Token] = []
    end = 0
    for found in _PIECE.finditer(line):
        words.append(line[end : found.start()])
        token = _token(line, found, line[max(end, found.start() - _LONG_BEFORE) : found.start()])
        end = found.end()
        tokens.append(replace(token, interim=True) if interim else token)
        words.append("\0" + token.kind + "\0")
    words.append(line[end:])
    return SplitLine(line.replace(MARK, ""), _BARS.sub(r"\1", " ".join("".join(words).split())), tuple(tokens), number)


def _token(line: str, found: re.Match[str], before: str) -> Token:
    """The token; `before` is what stands between it and the last one."""
    text = found.group().replace(MARK, "")
    if found["identity"]:
        return Token("identity", text)
    if found["moment"]:
        value, low, high = _of_clock(text)
        return Token("moment", text, value, low, high, least_seconds=low)
    if found["address"]:
        return Token("address", text)
    if found["temporary"]:
        return Token("temporary", text)
    after = line[found.end() :][:_LONG_AFTER]
    timely = bool(
        found["unit"] or found["each"] or found["rate"] or _TIMELY.search(before) or _TIMELY_AFTER.match(after)
    )
    if found["unknown"]:
        return Token("amount", text, least_seconds=0.0, timely=True)
    value, half = _number(found["amount"])
    scale = UNITS[found["unit"].strip()] if found["unit"] else 1.0
    if found["each"]:  # a time for each step: as steps a second, as other lines tell the same
        scale = UNITS[found["each"].partition("/")[0]]
        shortest = (value - half) * scale
        if value == 0:
            return Token("amount", text, least_seconds=shortest, timely=True)
        low, high = 1 / (value + half), 1 / (value - half) if value > half else math.inf
        return Token("amount", text, 1 / value / scale, low / scale, high / scale, shortest, timely=True)
    memory = bool(_BYTES.match(after) and _OF_MEMORY.search(before))
    process = bool(_OF_PROCESS.search(before[-12:])) and text.isdigit() and value >= LEAST_ID
    low, high = (value - half) * scale, (value + half) * scale
    least = low if found["unit"] else None
    return Token("amount", text, value * scale, low, high, least, timely, memory, process=process)


def _number(text: str) -> tuple[float, float]:
    mantissa, _, exponent = text.lower().replace(",", "").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(text.replace(",", "")), float(f"0.5e{int(exponent or 0) - decimals}")


def _of_clock(text: str) -> tuple[float | None, float, float]:
    """Seconds of `h:mm:ss` or `mm:ss`, which may be a duration too, and between what they lie; None of a date."""
    parts = text.replace(",", ".").split(":")
    if not all(re.fullmatch(r"\d+(?:\.\d+)?", part) for part in parts):
        return None, 0.0, 0.0
    seconds, half = _number(parts[-1])
    for power, part in enumerate(reversed(parts[:-1]), start=1):
        seconds += float(part) * 60.0**power
    return seconds, seconds - 2 * half, seconds + 2 * half  # clocks cut digits off; others round
