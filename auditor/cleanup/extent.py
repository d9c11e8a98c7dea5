"""How large and how old something on the disk is. Links are never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .entry import Identity

LATEST = datetime(9999, 1, 1, tzinfo=timezone.utc).timestamp()
"""File systems can store later times than Python can express."""


@dataclass(frozen=True)
class Extent:
    """The sum over a file, or over a folder with all that is in it."""

    size_bytes: int
    files: int
    written: datetime
    """UTC: the latest time at which a file in it was written; of an empty folder its own."""
    identity: Identity


def of(path: Path) -> Extent:
    """The extent of what is there. Raises OSError."""
    own = path.lstat()
    found = [own] if not stat.S_ISDIR(own.st_mode) else [*_below(path)]
    latest = max((one.st_mtime for one in found), default=own.st_mtime)
    return Extent(
        sum(one.st_size for one in found),
        len(found),
        datetime.fromtimestamp(min(max(latest, 0), LATEST), timezone.utc),
        (own.st_dev, own.st_ino),
    )


def _below(folder: Path) -> Iterator[os.stat_result]:
    """The state of every file and link below a folder; what vanishes meanwhile counts no more."""
    for root, folders, names in os.walk(folder):
        for name in (*names, *(one for one in folders if os.path.islink(os.path.join(root, one)))):  # noqa: PTH114, PTH118 - a cache has many thousands
            try:
                yield os.lstat(os.path.join(root, name))  # noqa: PTH118 - likewise
            except FileNotFoundError:
                continue
