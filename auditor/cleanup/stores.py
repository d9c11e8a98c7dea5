"""What replays set aside of a user's files. It may be the only copy, so almost all of it stays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import AuditorError, OutputError
from ..quoting.inert import visible
from ..replay.files.ending import KEPT
from ..replay.files.journal import NAME, read
from ..replay.files.places import state_folder
from ..replay.files.state import State, replayed
from ..replay.files.store import BIN, LOCK, discard
from . import extent
from .entry import Entry

OF_USERS = (
    "a replay could neither put these files back nor delete them, so they are yours: take what you need, and remove it"
    " by hand"
)
OPEN = "a replay in {} did not end, and this may be the only copy of its files: `auditor replay --restore` there first"
RUNNING = "a replay uses it now"
UNREADABLE = "its journal cannot be read, and it may hold the only copy of files: look at it, and remove it by hand"


def entries() -> list[Entry]:
    """Each store, and each folder of kept files. Raises OSError."""
    place = state_folder()
    if place is None or not place.is_dir():
        return []
    return [entry for path in sorted(place.iterdir()) if (entry := _entry(path))]


def _entry(path: Path) -> Entry | None:
    if path.is_symlink() or not path.is_dir():
        return None
    is_kept = path.name.startswith(KEPT)
    if not is_kept and not {one.name for one in path.iterdir()} <= {NAME, BIN, LOCK}:
        return None
    seen = extent.of(path)
    keep = OF_USERS if is_kept else _why_kept(path)
    return Entry("replay", path, seen.identity, seen.size_bytes, seen.files, seen.written, keep=keep)


def _why_kept(path: Path) -> str:
    try:
        state = replayed(read(path))
    except OutputError as problem:
        return f"{visible(problem.message)}: it may hold the only copy of files"
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return UNREADABLE
    if state is not None and not state.done:
        return OPEN.format(visible(state.roots[0]) if state.roots else "a folder")
    with _locked(path) as free:
        return "" if free else RUNNING


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Whether the lock of a store could be had; it is held inside. A store without a lock file is nobody's."""
    import filelock  # noqa: PLC0415 - it takes 50 ms to import, and few machines have such a store

    place = path / LOCK
    if not place.exists():
        yield True
        return
    lock = filelock.FileLock(place, mode=0o600, timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def remove(entry: Entry) -> None:
    """
    Remove a store under its lock: copies that were never complete, or whose originals are all back.

    Raises OutputError if a replay has begun to use it meanwhile, or it cannot be removed.
    """
    try:
        with _locked(entry.path) as free:
            why = "" if free else RUNNING
            state = _state(entry.path)
            if state is not None and not state.done:
                why = OPEN.format(visible(state.roots[0]))
            if why:
                raise OutputError(f"{visible(str(entry.path))} was not removed: {why}", "Run auditor clean again.")
            discard(entry.path)
            (entry.path / LOCK).unlink(missing_ok=True)  # still locked: who waits for it makes it anew
            entry.path.rmdir()
    except OSError as problem:
        raise OutputError(
            f"{visible(str(entry.path))} cannot be removed: {problem.strerror or problem}",
            "Its copies are of files that nobody needs to restore. Remove it again, or by hand.",
        ) from problem


def _state(path: Path) -> State | None:
    try:
        return replayed(read(path))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise AuditorError(f"{visible(str(path))} was not removed: {UNREADABLE}") from problem
