"""
Pairs the files of several runs: by name, then by a name without times, process ids and the like, then by drawn names.

A name that differs otherwise (`best_epoch3.pt` and `best_epoch4.pt`) is not paired: what is in a name is a result.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..files.written import FileDigest
from ..runs.run import Run
from .moments import is_compact, is_epoch, is_within

LEAST_PID = 100
"""Smaller process ids are too like other numbers."""
_DAY = (
    r"(?:(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ _-]?\d\d?)"
)
_TIME = r"[0-2]?\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d(?:[-_.,]\d{1,6})?)?"
_MOMENT = re.compile(rf"(?<!\d){_DAY}(?:[-_ T@/]+{_TIME}(?!\d))?|(?<!\d)[0-2]\d[-:][0-5]\d[-:][0-5]\d(?!\d)")
_SHORT_MOMENT = re.compile(r"(?<!\d)(\d{6}|\d{4})[-_T.](\d{6})(?!\d)")
"""Two digits of the year or none of them, month and day; then the time of day: `261129-200350`."""
_UUID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])"
)
_NUMBER = re.compile(r"\d{10,}(?:\.\d+)?|\d+")
"""A Unix time with a fraction or without, or any whole number."""
_TEMPORARY = re.compile(r"(?<=tmp)[a-z0-9_]{8}(?![A-Za-z0-9])")
"""As `tempfile` draws names."""
_PARTS = re.compile(r"([^0-9A-Za-z])")
_DRAWN = re.compile(r"[a-z0-9]+")
LEAST_DRAWN, MOST_DRAWN = 6, 32
"""Characters of a part of a name that may be drawn."""
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Pair:
    """One file of several runs; None where a run has none."""

    name: str
    """As the first run that has it calls it."""
    files: tuple[FileDigest | None, ...]

    @property
    def whole(self) -> bool:
        """Whether every run has it."""
        return None not in self.files


def paired(runs: Sequence[Run]) -> list[Pair]:
    """The files of all runs, sorted by name."""
    files = [{file.path: file for file in run.files} for run in runs]
    common = set.intersection(*map(set, files)) if files else set()
    pairs = [Pair(name, tuple(one[name] for one in files)) for name in common]
    left = [[file for name, file in one.items() if name not in common] for one in files]
    plain = [_by_plain_name(some, run) for some, run in zip(left, runs, strict=True)]
    keys = sorted(set().union(*plain))
    unpaired: list[Pair] = []
    for key in keys:
        found = tuple(one.get(key) for one in plain)
        (unpaired if None in found else pairs).append(_pair(found))
    pairs += _by_drawn_names(unpaired, len(runs))
    return sorted(pairs, key=lambda pair: _natural(pair.name))


def _pair(found: Sequence[FileDigest | None]) -> Pair:
    return Pair(next(file.path for file in found if file), tuple(found))


def _natural(name: str) -> list[tuple[int, str]]:
    """The order in which people count: 9 before 10."""
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in _DIGITS.split(name)]


def _by_plain_name(files: Iterable[FileDigest], run: Run) -> dict[str, FileDigest]:
    """The files of one run by their plain names; of several with the same one, in the order of their own names."""
    found = {}
    counts = Counter[str]()
    for file in sorted(files, key=lambda file: _natural(file.path)):
        key = plain_name(file.path, run)
        counts[key] += 1
        found[f"{key} {counts[key]}"] = file
    return found


def plain_name(name: str, run: Run) -> str:
    """A file's name without what names its run: points in time within it, its process ids, UUIDs."""
    end = run.started + run.seconds

    def moment(found: re.Match[str]) -> str:
        text = found.group().replace("/", " ").replace("@", " ")
        named = run.own_clock or is_within(text, run.started, end) or is_compact(text, run.started, end)
        return "<time>" if named else found.group()

    def short(found: re.Match[str]) -> str:
        named = run.own_clock or is_compact(found[1] + found[2], run.started, end)
        return "<time>" if named else found.group()

    def number(found: re.Match[str]) -> str:
        text = found.group()
        value = float(text)
        if text.isdigit() and int(text) >= LEAST_PID and int(text) in run.pids:
            return "<process>"
        if len(text) >= len("1764403000") and (run.own_clock or is_epoch(value, run.started, end)):
            return "<time>"
        return "<time>" if len(text) > len("231959") and is_compact(text, run.started, end) else text

    text = _TEMPORARY.sub("<drawn>", _UUID.sub("<id>", name))
    text = _SHORT_MOMENT.sub(short, _MOMENT.sub(moment, text))
    return _NUMBER.sub(number, text)


def _by_drawn_names(pairs: Sequence[Pair], runs: int) -> list[Pair]:
    """The same, with those joined whose names differ in a part that looks drawn at random; the others as they are."""
    groups = defaultdict[tuple[object, ...], list[Pair]](list)
    for pair in pairs:
        groups[_shape(pair.name) if sum(map(bool, pair.files)) == 1 else (pair.name,)].append(pair)
    found = []
    for group in groups.values():
        sides = [[file for pair in group if (file := pair.files[run])] for run in range(runs)]
        joined = _joined(sides) if len({*map(len, sides)}) == 1 else []
        found += joined or group
    return found


def _shape(name: str) -> tuple[object, ...]:
    """The lengths of a name's parts and what stands between them: equal for names that differ in a drawn part."""
    parts = _PARTS.split(name)
    return (*map(len, parts[::2]), *parts[1::2])


def _joined(sides: Sequence[Sequence[FileDigest]]) -> list[Pair]:
    """Files whose names differ in drawn parts only, in the order in which they were written, else of their names."""
    for order in (lambda file: file.changed, lambda file: _natural(file.path)):
        rows = [*zip(*(sorted(side, key=order) for side in sides), strict=True)]
        if all(_are_alike([file.path for file in row]) for row in rows):
            return [_pair(row) for row in rows]
    return []


def _are_alike(names: Sequence[str]) -> bool:
    """Whether names differ only in parts that look drawn: as long, and letters and digits mixed in one of them."""
    columns = zip(*(_PARTS.split(name) for name in names), strict=True)
    return all(len({*column}) == 1 or _are_drawn(column) for column in columns)


def _are_drawn(parts: Sequence[str]) -> bool:
    long = all(LEAST_DRAWN <= len(part) <= MOST_DRAWN and _DRAWN.fullmatch(part) for part in parts)
    return long and any(map(_is_mixed, parts))


def _is_mixed(part: str) -> bool:
    """Letters and digits mixed; `epoch03` is a word with a number."""
    return bool(re.search(r"\d", part) and re.search(r"[a-z]", part) and not re.fullmatch(r"[A-Za-z]+\d+", part))
