"""
Splits a line of output into words and tokens: amounts, points in time, addresses, names of temporary files.

What lies before the last carriage return of a line is left out, as a terminal leaves it: progress bars rewrite a line
as often as time allows.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

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
    rf"(?P<moment>{_PREFIX}|(?<![\d.:])(?:{_MOMENT})(?![\d:]))"
    r"|(?P<address>\bat 0x[0-9a-fA-F]{6,})"
    rf"|(?P<temporary>(?<![\w/])(?:{_TEMPORARY})/[^\s'\",)]+)"
    r"|(?P<unknown>\?[a-z]+/s\b)"
    rf"|(?P<amount>{_AMOUNT})(?:(?P<each>(?:{_UNIT})/[a-z]+)|(?P<rate>[a-z]+/s\b)|(?P<unit>\s?(?:{_UNIT})(?![\w/])))?"
)
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_IDENTITY = re.compile(
    rf"(?<![0-9A-Za-z])(?P<uuid>{_UUID})(?![0-9A-Za-z])"
    r"|(?:\b|_)(?:run|trial|session|job|experiment|uuid|guid|id)\b(?P<between>[^\n]{1,24}?)"
    r"(?<![0-9A-Za-z.])(?P<hex>[0-9a-f]{8,32})(?![0-9A-Za-z.])"
)
"""What `uuid4` draws, and so many hexadecimal digits behind a word for what is named so."""
_OF_DIGEST = re.compile(r"sha|md5|hash|digest|commit|checksum|loss|=\s*-?\d", re.IGNORECASE)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x08+")
_BARS = re.compile(r"([^\w\s\0])\1+")
"""Bars are as long as the space that is left for them."""
_STATE = re.compile(r"(\d{1,12})/(\d{1,12})\s*\[?[━█#=>▏▎▍▌▋▊▉]")
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
    rewritten: bool
    number: int
    """Counted from 1."""


def lines_of(path: Path) -> list[Line] | None:
    """The lines of a stream that was kept; None if it is too long, or is no text."""
    if path.stat().st_size > MOST_BYTES:
        return None
    data = path.read_bytes()
    if b"\0" in data:
        return None
    return [
        _shown(line.rstrip("\r"), number) for number, line in enumerate(data.decode(errors="replace").split("\n"), 1)
    ]


def _shown(whole: str, number: int) -> Line:
    return Line(_ESCAPES.sub("", whole.rpartition("\r")[2]).rstrip(), "\r" in whole, number)


def _is_interim(line: str) -> bool:
    """Whether a line that was rewritten ends with a bar that is not full: how far it came is a matter of time."""
    found = _STATE.search(line)
    return found is not None and int(found[1]) < int(found[2])


def split(line: str, *, rewritten: bool = False, number: int = 0) -> SplitLine:
    """The line's words and tokens."""
    interim = rewritten and _is_interim(line)
    words: list[str] = []
    tokens: list[Token] = []
    end = 0
    for found, start, stop in _found_in(line):
        words.append(line[end:start])
        token = _token(line, found, line[max(end, start - _LONG_BEFORE) : start]) if found else _named(line[start:stop])
        end = stop
        tokens.append(replace(token, interim=True) if interim else token)
        words.append("\0" + token.kind + "\0")
    words.append(line[end:])
    return SplitLine(line, _BARS.sub(r"\1", " ".join("".join(words).split())), tuple(tokens), number)


def _found_in(line: str) -> Iterator[tuple[re.Match[str] | None, int, int]]:
    """Each token's match and place in the line; None for an id that was drawn."""
    end = 0
    for found in _IDENTITY.finditer(line):
        name = "uuid" if found["uuid"] else "hex"
        if name == "hex" and _OF_DIGEST.search(found["between"]):
            continue
        for piece in _PIECE.finditer(line, end, found.start(name)):
            yield piece, *piece.span()
        yield None, *found.span(name)
        end = found.end(name)
    for piece in _PIECE.finditer(line, end):
        yield piece, *piece.span()


def _named(text: str) -> Token:
    """An id; of digits alone it may be a number too."""
    if not text.isdigit():
        return Token("identity", text)
    value, half = _number(text)
    return Token("identity", text, value, value - half, value + half)


def _token(line: str, found: re.Match[str], before: str) -> Token:
    """The token; `before` is what stands between it and the last one."""
    text = found.group()
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
