"""
Digests of what a run wrote, taken as the run ends: of the bytes, and of what they hold (`contents.py`) as lines.

The lines lie in the run's folder, so that the files themselves need not be kept. Small files are kept as well, to show
which number of an array differs first.
"""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from . import contents
from .foreign import Reader, Reading
from .leaves import Foreign, Leaf, Undecodable, in_letters

MOST_FILES, MOST_BYTES = 10_000, 20 * 10**9
"""Of more, a sample is compared."""
MOST_NAMES = 100_000
LINES_BYTES = 12 << 20
"""Of what a file holds; beyond, one digest of all further lines (longer text is not examined, `texts/pieces.py`)."""
KEPT_FILE_BYTES, KEPT_BYTES = 4 << 20, 64 << 20
CHUNK_BYTES = 1 << 20
OCDBT = "manifest.ocdbt"
PROFILES = "plugins/profile/"
IGNORED = "--ignore names it"
PROFILE = "it is a profile, which holds times alone"
SAMPLED = (
    f"more than {MOST_FILES} files or {MOST_BYTES // 10**9} GB were written: only names were compared of this share"
)
UNREADABLE = "it could not be read after the run"


@dataclass(frozen=True)
class FileDigest:
    """A file that a run wrote, or that `--files` names, after the run."""

    path: str
    """Relative to the working folder if it lies in it."""
    sha256: str
    """Empty if only the name is compared."""
    size: int
    written: bool
    """Whether this run made or changed it; else it existed before."""
    named: bool = True
    """Whether `--files` names it: then every byte counts."""
    kind: str = "bytes"
    """Its format."""
    lines: Path | None = None
    """What it holds, a line for each value; None if that is its bytes alone."""
    content: str = ""
    """The sha256 of these lines."""
    hidden: str = ""
    """Why a part of it could not be decoded that may hold times; then other bytes alone show nothing."""
    kept: Path | None = None
    """A copy, of a small file."""
    changed: int = 0
    """When it was written, in ns of Unix time: the order of files whose names are drawn at random."""


@dataclass(frozen=True)
class Written:
    """What a run wrote."""

    files: tuple[FileDigest, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    """What was not compared, and why."""


@dataclass(frozen=True)
class Place:
    """Where the files of one run are taken from, and where what is kept of them goes."""

    working: Path
    target: Path
    """A new folder is made there."""
    python: str = ""
    """The audited interpreter, whose libraries read some formats; empty if it is not known."""
    ignore: Sequence[str] = ()


def digests(paths: Iterable[Path], place: Place) -> Written:
    """Digests of these regular files; what is no regular file by now is left out, unopened."""
    place.target.mkdir()
    left_out = Counter[tuple[str, str]]()
    chosen = []
    for path in sorted(paths):
        why = _why_not(path, place)
        if why:
            left_out[_summary(path, place, why)] += 1
        else:
            chosen.append(path)
    units, inner = _units(chosen[:MOST_NAMES])
    taken = _sample(units)
    work = _Work(place)
    files = [
        work.digest(number, path, inner.get(path)) if path in taken else _name(path, place)
        for number, path in enumerate(units)
    ]
    if len(taken) < len(units):
        left_out[f"{len(units) - len(taken)} of {len(units)} files", SAMPLED] += 1
    told = tuple((name if count == 1 else f"{count} files", why) for (name, why), count in left_out.items())
    return Written(tuple(work.completed(files)), told)


def _why_not(path: Path, place: Place) -> str:
    name = shown(path, place.working)
    if any(fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(str(path), pattern) for pattern in place.ignore):
        return IGNORED
    if PROFILES in name or path.suffix == ".wandb":
        return PROFILE
    return "" if contents.is_regular(path) else "it is no regular file"


def _summary(path: Path, place: Place, why: str) -> tuple[str, str]:
    """Ignored files and profiles are counted; others are named."""
    return ("", why) if why in {IGNORED, PROFILE} else (shown(path, place.working), why)


def shown(path: Path, working: Path) -> str:
    """The path, relative to the working folder if it lies in it."""
    return str(path.relative_to(working)) if working in path.parents else str(path)


def _units(paths: Sequence[Path]) -> tuple[list[Path], dict[Path, list[Path]]]:
    """The files; of an OCDBT database, whose other names are drawn at random, the manifest stands for all."""
    databases = {path.parent: path for path in paths if path.name == OCDBT}
    inner: dict[Path, list[Path]] = {manifest: [] for manifest in databases.values()}
    units = []
    for path in paths:
        owner = databases.get(path.parent.parent) if path.parent.name == "d" else None
        if owner is None:
            units.append(path)
        else:
            inner[owner].append(path)
    return units, inner


def _sample(units: Sequence[Path]) -> set[Path]:
    """All, or so many as are compared: by their ranks, evenly, so that names with a time in them do not decide."""
    step = max(1, -(-len(units) // MOST_FILES))
    taken, size = set(), 0
    for path in units[::step]:
        size += _size(path)
        if size > MOST_BYTES:
            break
        taken.add(path)
    return taken


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _name(path: Path, place: Place) -> FileDigest:
    state = path.lstat()
    name = shown(path, place.working)
    return FileDigest(name, "", state.st_size, written=True, named=False, changed=state.st_mtime_ns)


@dataclass
class _Work:
    """The digests of one run in progress."""

    place: Place
    asked: list[tuple[int, Foreign]] = field(default_factory=list)
    """What the audited interpreter is to read, by the file's number."""
    kept: int = 0

    def digest(self, number: int, path: Path, inner: list[Path] | None) -> FileDigest:
        """Of one file; parts that the audited interpreter reads follow in `completed`."""
        try:
            sha256, head = _hashed(path)
        except OSError:
            return replace(_name(path, self.place), hidden=UNREADABLE)
        kind: contents.Kind = contents.kind_of(head, path.name) if inner is None else "ocdbt"
        made = replace(_name(path, self.place), sha256=sha256, kind=kind)
        leaves = [Foreign("", kind, str(path.parent))] if inner is not None else contents.decoded(path, kind)
        lines = self.place.target / f"{number}.txt"
        try:
            with lines.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                self._write(number, leaves, _Lines(file))
        except (Undecodable, OSError) as problem:
            lines.unlink(missing_ok=True)
            self.asked = [one for one in self.asked if one[0] != number]
            return replace(made, hidden=str(problem) if kind in contents.WITH_TIMES else "")
        return replace(made, lines=lines, kept=self._copy(number, path, made))

    def _write(self, number: int, leaves: Iterable[Leaf | Foreign], lines: _Lines) -> None:
        """Write what leaves are at hand, and note what others read."""
        for leaf in leaves:
            if isinstance(leaf, Leaf):
                lines.add(leaf.line)
            else:
                self.asked.append((number, leaf))
        lines.end()

    def _copy(self, number: int, path: Path, made: FileDigest) -> Path | None:
        """A copy of a small file with arrays in it; text is kept as its lines."""
        small = made.size <= KEPT_FILE_BYTES and self.kept + made.size <= KEPT_BYTES
        if not small or made.kind not in {"zip", "pickle", "npy", "bytes", "events", "gzip"}:
            return None
        self.kept += made.size
        return Path(shutil.copyfile(path, self.place.target / f"{number}.kept", follow_symlinks=False))

    def completed(self, files: Sequence[FileDigest]) -> list[FileDigest]:
        """The same, with what the audited interpreter read, and the digests of all lines."""
        read: dict[int, list[Reading]] = {}
        numbers = [number for number, _ in self.asked]
        reader = Reader(self.place.python, self.place.target)
        for number, reading in zip(numbers, reader.read([one for _, one in self.asked]), strict=True):
            read.setdefault(number, []).append(reading)
        return [_with(one, read.get(number, [])) for number, one in enumerate(files)]


def _with(file: FileDigest, readings: Sequence[Reading]) -> FileDigest:
    if file.lines is None:
        return file
    with file.lines.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        writer = _Lines(lines)
        for reading in readings:
            for line in reading.lines():
                writer.add(f"{reading.place}: {line}" if reading.place else line)
        writer.end()
    hidden = "; ".join(dict.fromkeys(reading.why_not for reading in readings if reading.why_not))
    return replace(file, content=_hashed(file.lines)[0], hidden=hidden)


class _Lines:
    """Writes lines; one digest stands for all that are beyond the limit."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._left, self._rest, self._more = file, LINES_BYTES, hashlib.sha256(), 0

    def add(self, line: str) -> None:
        data = line.encode("utf-8", "surrogateescape")
        self._left -= len(data) + 1
        if self._left >= 0:
            self._file.write(f"{line}\n")
        else:
            self._more += 1
            self._rest.update(data + b"\n")

    def end(self) -> None:
        if self._more:
            self._file.write(f"{self._more} more values {in_letters(self._rest.hexdigest())}\n")


def _hashed(path: Path) -> tuple[str, bytes]:
    """The sha256 (hex) and the first bytes. Raises OSError."""
    state, head = hashlib.sha256(), b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            head = head or chunk[: contents.HEAD_BYTES]
            state.update(chunk)
    return state.hexdigest(), head
