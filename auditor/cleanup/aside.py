"""Removes an entry whole: renamed into a folder of ours at first, so that nobody meets half of it, then deleted."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

from ..errors import OutputError
from ..quoting.inert import visible
from .entry import Entry, Identity

PREFIX = ".auditor-removed-"
MARKER_NAME = "auditor.removed"
MARKER = b"auditor clean puts here what it removes. What is left can be deleted.\n"


def is_aside(path: Path) -> bool:
    """Whether this is such a folder, left by a removal that was interrupted: told by its marker."""
    marker = path / MARKER_NAME
    try:
        return path.name.startswith(PREFIX) and not marker.is_symlink() and marker.read_bytes() == MARKER
    except OSError:
        return False


def remove(entry: Entry) -> None:
    """
    Remove what was looked at. Raises OutputError: something else stands there now, or it cannot be removed.

    Links in it are removed, never followed (`shutil.rmtree` holds the folders open while it goes down).
    """
    path = entry.path
    try:
        if entry.kind == "unfinished":
            _delete(path)
            return
        place = path.with_name(PREFIX + secrets.token_hex(8))
        place.mkdir(mode=0o700)
        try:
            (place / MARKER_NAME).write_bytes(MARKER)
            path.rename(place / "content")
        except BaseException:
            _delete(place)
            raise
        _refuse_other(place, path, entry.identity)
        _delete(place)
    except OSError as problem:
        raise OutputError(
            f"{visible(str(path))} cannot be removed: {problem.strerror or problem}",
            "What is left of it lies there, or beside it in a folder whose name begins with "
            f"{PREFIX}: remove it again, or by hand.",
        ) from problem


def _refuse_other(place: Path, path: Path, identity: Identity) -> None:
    """Put back what is not the entry that was looked at."""
    now = (place / "content").lstat()
    if (now.st_dev, now.st_ino) != identity:
        (place / "content").rename(path)
        _delete(place)
        raise OutputError(
            f"{visible(str(path))} was replaced while it was looked at", "It was put back. Run auditor clean again."
        )


def _delete(place: Path) -> None:
    """Delete a folder of ours: the marker last, so that what an interruption leaves is recognised."""
    content = place / "content"
    if content.is_dir() and not content.is_symlink():
        shutil.rmtree(content)
    else:
        content.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (place / MARKER_NAME).unlink()
    place.rmdir()
