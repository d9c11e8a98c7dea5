"""A snapshot of folders: the path of each entry with its stamp, and what two snapshots differ in."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["file", "folder", "link", "other"]

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj", ".bzr"})
CACHES = frozenset(
    {
        "__pycache__",
        ".cache",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".nox",
        ".tox",
        ".eggs",
        "node_modules",
    }
)
ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")
"""A folder that holds one of these is a Python environment."""
OWN_PREFIX = ".auditor-replay"
"""How the names of our own folders begin where they stand in or beside a working folder."""
MOST_ENTRIES = 200_000
"""A larger tree is not snapshot: two scans a run would take longer than many experiments."""


class TooManyEntriesError(Exception):
    """The folders hold more than `MOST_ENTRIES`."""


class Stamp(NamedTuple):
    """What tells that an entry has changed, without reading its content."""

    kind: Kind
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    mode: int

    @classmethod
    def of(cls, state: os.stat_result) -> Stamp:
        """From an `lstat`."""
        mode = state.st_mode
        kind: Kind = "other"
        if stat.S_ISREG(mode):
            kind = "file"
        elif stat.S_ISDIR(mode):
            kind = "folder"
        elif stat.S_ISLNK(mode):
            kind = "link"
        permissions = stat.S_IMODE(mode)
        return cls(kind, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev, permissions)

    def same(self, other: Stamp | None) -> bool:
        """Whether the entry is untouched. Of a folder its times and size tell about its entries, which have stamps."""
        if other is None or self.kind != other.kind:
            return False
        if self.kind == "folder":
            return (self.mode, self.inode, self.device) == (other.mode, other.inode, other.device)
        return self == other

    def alike(self, other: Stamp | None) -> bool:
        """Whether it looks the same: a copy that was put back has another inode, and a renamed file another ctime."""
        if other is None or (self.kind, self.mode) != (other.kind, other.mode):
            return False
        if self.kind in {"folder", "link"}:  # not every system can set the times of a link
            return self.kind == "folder" or self.size == other.size
        return (self.size, self.mtime_ns) == (other.size, other.mtime_ns)


Tree = dict[str, Stamp]
"""Absolute path -> stamp."""


def stamp(path: str) -> Stamp | None:
    """The stamp of one entry now; None if there is none, or it may not be looked at."""
    try:
        return Stamp.of(os.lstat(path))
    except OSError:
        return None


@dataclass(frozen=True)
class Written:
    """What differs between two snapshots. A path whose kind changed was removed, and is new."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.new or self.changed or self.removed)


def scan(roots: Sequence[str], leave_out: Collection[str] = (), most: int = MOST_ENTRIES) -> Tree:
    """
    The entries below the roots, and the roots themselves; a root that does not exist has none.

    Links are entries and are never followed. Version control, environments, caches and `leave_out` (absolute paths)
    are left out. Raises TooManyEntriesError.
    """
    found: Tree = {}
    for root in roots:
        own = stamp(root)
        if own is None or root in leave_out:
            continue
        found[root] = own
        folders = [root] if own.kind == "folder" else []
        while folders:
            folders += list(_entries(folders.pop(), found, leave_out))
            if len(found) > most:
                raise TooManyEntriesError(root)
    return found


def _entries(folder: str, found: Tree, leave_out: Collection[str]) -> Iterator[str]:
    """Add the entries of one folder; gives the folders among them."""
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:  # it vanished, or we may not read it: then we may not put anything back there either
        return
    for entry in entries:
        if _is_left_out(entry, leave_out):
            continue
        try:
            own = Stamp.of(entry.stat(follow_symlinks=False))
        except OSError:
            continue
        found[entry.path] = own
        if own.kind == "folder":
            yield entry.path


def _is_left_out(entry: os.DirEntry[str], leave_out: Collection[str]) -> bool:
    name = entry.name
    if entry.path in leave_out or name.startswith(OWN_PREFIX):
        return True
    if not entry.is_dir(follow_symlinks=False):
        return False
    if name in VERSION_CONTROL or name in CACHES:
        return True
    return any(os.path.lexists(os.path.join(entry.path, mark)) for mark in ENVIRONMENT_MARKS)  # noqa: PTH118 - speed


def difference(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> Written:
    """What was made, changed and removed between the two, each sorted."""
    new, changed, removed = [], [], []
    for path, now in after.items():
        then = before.get(path)
        if then is None or then.kind != now.kind:
            new.append(path)
        elif not then.same(now):
            changed.append(path)
    for path, then in before.items():
        now_there = after.get(path)
        if now_there is None or now_there.kind != then.kind:
            removed.append(path)
    return Written(tuple(sorted(new)), tuple(sorted(changed)), tuple(sorted(removed)))
