"""Which files a run wrote: folders are listed before and after it. Links are entries, and never followed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_ENTRIES = 200_000
"""Of all folders; of a working folder with more, none is compared."""
OF_THE_SYSTEM = (
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var",
)
LEFT_OUT = frozenset(
    {
        *(
            ".git",
            ".hg",
            ".svn",
            "__pycache__",
            ".cache",
            ".mypy_cache",
            ".pytest_cache",
            ".ruff_cache",
            ".tox",
            ".nox",
        ),
        *(".ipynb_checkpoints", "node_modules", "tmp", ".tmp", "temp"),
    }
)
"""Folders of version control, caches and temporary folders."""
ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
Stamp = tuple[int, int, int]
TOO_MANY = "it holds too many files to list them before and after each run"


@dataclass(frozen=True)
class Listing:
    """Files of folders, each with its inode, size and time of change."""

    stamps: Mapping[Path, Stamp]
    left_out: tuple[tuple[str, str], ...] = ()
    """Folders that are not listed, and why."""


def folders(command: Sequence[str], here: Path) -> list[Path]:
    """The working folder, and folders outside it that the command line names, also as `--option=FOLDER`."""
    named = (Path(word.partition("=")[2] if word.startswith("-") else word) for word in command[1:])
    found = [here]
    for one in named:
        path = Path(os.path.abspath(here / one))  # noqa: PTH100 - resolve() would follow links
        inside = any(path == root or root in path.parents for root in found)
        if str(one) != "." and not inside and not path.is_symlink() and path.is_dir():
            found.append(path)
    return found


def listed(roots: Iterable[Path], without: Path) -> Listing:
    """The regular files below these folders, but for what lies in `without`, caches and environments."""
    stamps: dict[Path, Stamp] = {}
    left_out = []
    for root in roots:
        if _is_system(root):
            left_out.append(
                (str(root), "it is a folder of the system or a home: what was written there was not compared")
            )
            continue
        found: dict[Path, Stamp] = {}
        for path, stamp in _below(root, without):
            found[path] = stamp
            if len(stamps) + len(found) > MOST_ENTRIES:
                left_out.append((str(root), TOO_MANY))
                found = {}
                break
        stamps |= found
    return Listing(stamps, tuple(left_out))


def written(before: Listing, after: Listing) -> list[Path]:
    """What is new or changed, sorted."""
    skipped = {Path(name) for name, _ in (*before.left_out, *after.left_out)}
    changed = (path for path, stamp in after.stamps.items() if before.stamps.get(path) != stamp)
    return sorted(path for path in changed if not skipped & {*path.parents})


def _is_system(root: Path) -> bool:
    return str(root) in {*OF_THE_SYSTEM, tempfile.gettempdir()} or root == Path.home()


def _below(root: Path, without: Path) -> Iterator[tuple[Path, Stamp]]:
    waiting = [str(root)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = list(entries)
        except OSError:  # removed meanwhile, or not ours to read: then the program's files there are not seen
            continue
        if any(one.name in ENVIRONMENTS for one in found):
            continue
        for one in found:
            if one.is_dir(follow_symlinks=False):
                if one.name not in LEFT_OUT and Path(one.path) != without:
                    waiting.append(one.path)
            elif one.is_file(follow_symlinks=False):
                try:
                    state = one.stat(follow_symlinks=False)
                except OSError:
                    continue
                yield Path(one.path), (state.st_ino, state.st_size, state.st_mtime_ns)
