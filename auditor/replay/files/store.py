"""The store of one replay: the lock, the copies from before the first run, and the journal."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...quoting.inert import visible
from .copies import kept_copy, room
from .journal import FORMAT, NAME, Journal, read, sync_folder, sync_system
from .places import Scope, candidates, is_below, key, nearest, state_folder, store_for
from .state import State, as_json, replayed
from .tree import Stamp, TooManyEntriesError, Tree, scan

if TYPE_CHECKING:
    from filelock import BaseFileLock

PROTECT_BYTES = 2 << 30
PROTECT_SECONDS = 10.0
LOCK_SECONDS = 1.0
"""`filelock` opens the file anew within this time if its owner removes it between opening and locking."""
BIN = "files"
LOCK = "lock"
UNFINISHED = (
    "`auditor replay --restore`, started in that folder, brings its files back: as one plain run left them, or as they"
    " were before if none had ended. Nothing was run now."
)


@dataclass
class Protection:
    """How much may be copied, and what was left out."""

    most_bytes: int = PROTECT_BYTES
    deadline: float = field(default_factory=lambda: time.monotonic() + PROTECT_SECONDS)
    used: int = 0
    left_out: list[str] = field(default_factory=list)
    """Paths without a copy, the largest last."""


def locations(working: str) -> list[Path]:
    """Where the store of a working folder may lie."""
    return candidates(working, key(working))


def unfinished(working: str) -> Path | None:
    """The store of this folder whose files were not all brought back; None if there is none."""
    for folder in locations(working):
        state = replayed(read(folder))
        if state is not None and not state.done:
            return folder
    return None


def refuse_unfinished(scope: Scope) -> None:
    """Raise UsageError if an earlier replay of these folders, or of one around or inside them, was not finished."""
    state = state_folder()
    stores = [one for one in state.iterdir() if (one / NAME).exists()] if state and state.is_dir() else []
    for folder in dict.fromkeys([*locations(scope.working), *stores]):
        found = replayed(read(folder))
        if found is None or found.done:
            continue
        for root in found.roots:
            if any(is_below(root, one) or is_below(one, root) for one in scope.roots):
                raise UsageError(
                    f"a replay in {visible(found.roots[0])} did not end, or still runs: what its runs wrote is set"
                    f" aside in {visible(str(folder))}",
                    UNFINISHED,
                )


@contextlib.contextmanager
def locked(working: str) -> Iterator[Path | None]:
    """
    Hold the lock of a working folder; gives the folder for its journal, None where nothing can be written.

    Raises UsageError if another replay runs in it.
    """
    import filelock  # noqa: PLC0415 - it takes 50 ms to import

    home = next(filter(_usable, locations(working)), None)
    if home is None:
        yield None
        return
    lock: BaseFileLock = filelock.FileLock(home / LOCK, mode=0o600, timeout=LOCK_SECONDS, fallback_to_soft=False)
    try:
        lock.acquire()
    except filelock.Timeout as problem:
        raise UsageError(
            f"another replay runs in {visible(working)}",
            "Nothing was run: each would find the files of the other. Wait for its end, or use a copy of the folder.",
        ) from problem
    try:
        yield home
    finally:
        _remove_if_empty(home)
        lock.release()


def _usable(folder: Path) -> bool:
    """Whether files can be made in it; it is made if it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _remove_if_empty(home: Path) -> None:
    if [one.name for one in home.iterdir()] == [LOCK]:
        (home / LOCK).unlink()  # still locked: who waits for it makes it anew
        home.rmdir()


def fitting(scope: Scope, leave_out: Sequence[str]) -> tuple[Scope, list[str]]:
    """The scope without folders that hold too many entries, and these."""
    too_large = []
    for root in scope.roots:
        try:
            scan([root], leave_out)
        except TooManyEntriesError:
            too_large.append(root)
    return replace(scope, named=tuple(root for root in scope.named if root not in too_large)), too_large


def opened(scope: Scope, home: Path, leave_out: Sequence[str], protection: Protection) -> tuple[State, Journal]:
    """Copy the files and begin the journal. Until its first record is on the disk nothing of the user's is touched."""
    discard(home)
    bins: dict[int, str] = {}
    for root in scope.roots:
        if os.stat(nearest(root)).st_dev in bins:  # noqa: PTH116
            continue
        folder = store_for(root, home.name.rpartition("-")[2])
        if folder is not None:
            _remove_tree(folder / BIN)  # of a replay that was ended before its copies were complete
            (folder / BIN).mkdir()
            bins.setdefault(folder.stat().st_dev, str(folder / BIN))
    left_out = frozenset({*leave_out, str(home), *(str(Path(one).parent) for one in bins.values())})
    state = State(scope.roots, left_out, bins, scope.new_only)
    state.tree = state.scan()
    if not scope.new_only:
        state.copies = copies(state, state.tree, protection)
    for folder_of_copies in bins.values():
        sync_system(folder_of_copies)
    journal = Journal(home)
    journal.write(
        "begin",
        format=FORMAT,
        roots=list(state.roots),
        leave_out=sorted(left_out),
        bins=bins,
        new_only=state.new_only,
        tree=as_json(state.tree),
        copies=state.copies,
    )
    return state, journal


def copies(state: State, tree: Tree, protection: Protection) -> dict[str, str]:
    """Copies of files and links, as far as size and time allow: the working folder's first, the smallest first."""
    made: dict[str, str] = {}
    wanted = [path for path, one in tree.items() if one.kind in {"file", "link"}]
    wanted.sort(key=lambda path: (not is_below(path, state.roots[0]), tree[path].size))
    for path in wanted:
        to = _copy(state, path, tree[path], protection)
        if to is None:
            protection.left_out.append(path)
        else:
            made[path] = to
    protection.left_out += [path for path, one in tree.items() if one.kind == "other"]
    return made


def _copy(state: State, path: str, seen: Stamp, protection: Protection) -> str | None:
    to = state.bin_of(seen.device, "copies")
    if to is None or time.monotonic() > protection.deadline:
        return None
    too_large = protection.used + seen.size > min(protection.most_bytes, protection.used + room(str(Path(to).parent)))
    shared = kept_copy(path, to, seen, only_reflink=too_large)
    if shared is None:
        return None
    protection.used += 0 if shared else seen.size
    return to


def discard(home: Path) -> None:
    """Remove a store whose files are all back, or whose copies were not complete: the journal last."""
    state = replayed(read(home))
    bins = [Path(one) for one in state.bins.values()] if state else []
    for folder in [*bins, home / BIN]:
        _remove_tree(folder)
        if folder.parent != home:
            with contextlib.suppress(OSError):
                folder.parent.rmdir()
    (home / NAME).unlink(missing_ok=True)
    sync_folder(home)


def _remove_tree(folder: Path) -> None:
    """Remove it, with what the program made read-only."""
    if not folder.exists():
        return
    for inner, _, _ in os.walk(folder):
        Path(inner).chmod(0o700)
    shutil.rmtree(folder)
