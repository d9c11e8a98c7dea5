"""The first place at which a file of two runs differs, and the two values there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from ..files import contents
from ..files.leaves import Array, Leaf, Undecodable
from ..files.written import FileDigest
from ..runs.run import Run
from .differing import may_differ
from .drawn import marker
from .pairing import Pair
from .pieces import split

MISSING = "not written"
ENDS = "(the file ends here)"
SHA_CHARACTERS = 12


@dataclass(frozen=True)
class FileDifference:
    """A file, the place in it, and what two runs have there."""

    name: str
    place: str
    """Empty if it is the whole file."""
    first: str
    second: str


def of_pair(pair: Pair, runs: Sequence[Run]) -> FileDifference:
    """Where the file differs first, of two runs that differ in it."""
    one, other = pair.files
    if one is None or other is None:
        return FileDifference(pair.name, "", *(_presence(file) for file in (one, other)))
    if one.named or one.lines is None or other.lines is None:
        return FileDifference(pair.name, "", _bytes(one), _bytes(other))
    for first, second in zip_longest(_lines(one.lines), _lines(other.lines), fillvalue=ENDS):
        if first != second and not _is_timely(first, second, runs):
            return _refined(pair.name, first, second, one, other)
    return FileDifference(pair.name, "", _bytes(one), _bytes(other))


def _presence(file: FileDigest | None) -> str:
    return _bytes(file) if file else MISSING


def _bytes(file: FileDigest) -> str:
    return f"{file.size} bytes, sha256 {file.sha256[:SHA_CHARACTERS]}"


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        yield from (line.rstrip("\n") for line in file)


def _is_timely(first: str, second: str, runs: Sequence[Run]) -> bool:
    """Whether two lines differ in tokens that look like times only."""
    marks = [marker(run.names) for run in runs]
    one, other = (split(mark(line) if mark else line) for mark, line in zip(marks, (first, second), strict=True))
    if one.words != other.words:
        return False
    tokens = zip(one.tokens, other.tokens, strict=True)
    return all(may_differ(pair, runs) for pair in tokens if pair[0].text != pair[1].text)


def _refined(name: str, first: str, second: str, one: FileDigest, other: FileDigest) -> FileDifference:
    """The same, with the numbers of an array that differ first, where copies of both files are there."""
    if one.kept and other.kept:
        for leaf, another in zip(_leaves(one), _leaves(other), strict=False):
            if (leaf.line, another.line) == (first, second):
                return _numbers(name, leaf, another) or _of_lines(name, first, second)
    return _of_lines(name, first, second)


def _of_lines(name: str, first: str, second: str) -> FileDifference:
    """Both lines; their common beginning is the place, if it ends as a place does."""
    end = os.path.commonprefix([first, second]).rfind(": ")  # noqa: RUF071 - characters are meant
    if end < 0:
        return FileDifference(name, "", first, second)
    return FileDifference(name, first[:end], first[end + 2 :], second[end + 2 :])


def _leaves(file: FileDigest) -> Iterator[Leaf]:
    kind: contents.Kind = file.kind  # type: ignore[assignment] # it was made by `kind_of`
    try:
        found = contents.decoded(file.kept or Path(), kind)
        yield from (leaf for leaf in found if isinstance(leaf, Leaf))
    except (Undecodable, OSError):
        return


def _numbers(name: str, leaf: Leaf, another: Leaf) -> FileDifference | None:
    if not (isinstance(leaf.value, Array) and isinstance(another.value, Array)):
        return None
    one, other = leaf.value.numbers(), another.value.numbers()
    if one is None or other is None or leaf.value.shape != another.value.shape:
        return None
    for number, (first, second) in enumerate(zip(one, other, strict=False)):
        if repr(first) != repr(second):
            count = sum(repr(a) != repr(b) for a, b in zip(one, other, strict=False))
            place = f"{leaf.place}{_index(number, leaf.value.shape)}"
            return FileDifference(
                name, place.strip(), f"{first!r} ({count} of {len(one)} numbers differ)", repr(second)
            )
    return None


def _index(number: int, shape: Sequence[int]) -> str:
    indices = []
    for size in reversed(shape):
        number, index = divmod(number, max(size, 1))
        indices.append(index)
    return f"[{', '.join(map(str, reversed(indices)))}]" if indices else ""
