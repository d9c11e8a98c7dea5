"""Takes away what a run wrote and puts back what it changed; at the end brings back what the first run wrote."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .copies import copied, place
from .journal import sync_files
from .plan import Plan
from .state import State
from .tree import Stamp, Tree, stamp


def take(plan: Plan, state: State) -> tuple[list[str], Tree]:
    """
    Make the folders as they were before the run; again after an end in the middle of it.

    Returns the paths that somebody else changed meanwhile, which are left, and the stamps of what was put back.
    """
    left = []
    with _modes_of_folders(plan.touched, state.tree):
        for path, (to, after) in plan.moves.items():
            left += [] if _moved(path, to, after) else [path]
        for new, old in plan.renames.items():
            left += [] if _renamed(new, old, state.tree[old]) else [new]
        for path in sorted(plan.new_folders, reverse=True):
            left += [] if _without_folder(path) else [path]
        for path in sorted(plan.old_folders):
            _make_folder(path, state.tree[path])
        put = [path for path in plan.puts if path not in left]
        left += [path for path in put if not _put(path, state)]
        sync_files(path for path in put if path not in left)
        _with_stamps({path: state.tree[path] for path in plan.old_folders})
    again = {*plan.puts, *plan.renames.values(), *plan.old_folders, *plan.touched} - {*left}
    return left, {path: now for path in again if (now := stamp(path)) is not None}


@contextlib.contextmanager
def _modes_of_folders(touched: Mapping[str, Stamp], wanted: Tree) -> Iterator[None]:
    """Let us write in these folders, and give them the mode and times of `wanted` at the end."""
    for path in touched:
        _writable(path)
    try:
        yield
    finally:
        _with_stamps({path: wanted[path] for path in touched if path in wanted})


def _writable(folder: str) -> None:
    now = stamp(folder)
    if now is not None and now.kind == "folder" and now.mode & 0o700 != 0o700:
        with contextlib.suppress(PermissionError):  # another user's: what we may not do there the run could not either
            Path(folder).chmod(now.mode | 0o700)


def _with_stamps(folders: Mapping[str, Stamp]) -> None:
    """Modes and times, the deepest first, since each change alters the folder above."""
    for path in sorted(folders, reverse=True):
        now, wanted = stamp(path), folders[path]
        if now is None or now.kind != "folder":
            continue
        with contextlib.suppress(PermissionError):
            os.utime(path, ns=(wanted.mtime_ns, wanted.mtime_ns))
            if now.mode != wanted.mode:
                Path(path).chmod(wanted.mode)


def _moved(path: str, to: str, after: Stamp) -> bool:
    """Rename what the run wrote into the store, unless somebody changed it since."""
    if os.path.lexists(to):
        return True
    now = stamp(path)
    if now is None or not now.same(after):
        return False
    parent = str(Path(path).parent)
    _writable(parent)
    Path(to).parent.mkdir(parents=True, exist_ok=True)
    os.rename(path, to)  # noqa: PTH104
    if after.alike(stamp(to)):
        return True
    place(to, path)  # written to between the look and the rename
    return False


def _renamed(new: str, old: str, before: Stamp) -> bool:
    if before.alike(stamp(old)) and not os.path.lexists(new):
        return True
    return before.alike(stamp(new)) and _placed(new, old)


def _placed(source: str, target: str) -> bool:
    """Move it to an empty place; False if somebody else put something there, or a file where its folder was."""
    try:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False
    _writable(str(Path(target).parent))
    return place(source, target)


def _without_folder(path: str) -> bool:
    """Remove a folder that the run made; it stays if somebody else put something in it."""
    now = stamp(path)
    if now is None or now.kind != "folder":
        return True
    _writable(str(Path(path).parent))
    with contextlib.suppress(OSError):
        os.rmdir(path)  # noqa: PTH106
        return True
    return False


def _make_folder(path: str, wanted: Stamp) -> None:
    with contextlib.suppress(FileExistsError, NotADirectoryError):  # what belongs into it will be left as well
        Path(path).mkdir(parents=True, mode=wanted.mode | 0o700)


def _put(path: str, state: State) -> bool:
    """Bring back a copy, unless somebody else put something there."""
    wanted = state.tree[path]
    now = stamp(path)
    if now is not None:
        return wanted.alike(now)
    temporary = state.bin_of(wanted.device, "putting")
    if temporary is None:
        return False
    copied(state.copies[path], temporary)
    return _placed(temporary, path)


# ---------------------------------------------------------------------------------------------------------- the end


def bring_back(plan: Plan, state: State) -> list[str]:
    """
    Make the folders as the first run left them; again after an end in the middle of it.

    Returns the paths that somebody else changed since, which are left; the first run's versions stay in the store.
    """
    left = []
    for path in plan.touched:
        _writable(path)
    for new, old in plan.renames.items():
        left += [] if _renamed(old, new, state.tree[old]) else [old]
    for path in plan.removed:
        left += [] if _removed(path, state) else [path]
    for path in sorted(plan.old_folders, reverse=True):
        left += [] if _without_folder(path) else [path]
    for path in sorted(plan.new_folders):
        _make_folder(path, plan.new_folders[path])
    for path, (kept, _) in plan.moves.items():
        left += [] if _returned(kept, path, state) else [path]
    _with_stamps({**plan.new_folders, **plan.touched})
    return left


def _removed(path: str, state: State) -> bool:
    """Take away what the first run removed. Nothing is deleted before all is done."""
    now = stamp(path)
    if now is None:
        return True
    if path in state.others or not state.tree[path].same(now):
        return False
    to = state.bin_of(now.device, "removed")
    if to is None:
        return False
    os.rename(path, to)  # noqa: PTH104
    return True


def _returned(kept: str, path: str, state: State) -> bool:
    """Bring back the first run's version: to an empty place, or in place of the version from before."""
    if not os.path.lexists(kept):
        return True
    before, now = state.tree.get(path), stamp(path)
    if path in state.others:
        return False
    if now is None:
        return _placed(kept, path)
    if before is None or not before.same(now):
        return _same_file(kept, now) and place(kept, path)
    os.replace(kept, path)  # noqa: PTH105
    return True


def _same_file(kept: str, now: Stamp) -> bool:
    other = stamp(kept)
    return other is not None and (other.device, other.inode) == (now.device, now.inode)


def kept_of(plans: Iterable[Plan], first_left: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Path in the store -> (run, its path) of what must not be deleted at the end."""
    kept = {}
    left = {*first_left}
    for number, plan in enumerate(plans):
        wanted = left if number == 0 else {*plan.uncertain}
        for path, (to, _) in plan.moves.items():
            if (path in wanted or plan.unfinished) and os.path.lexists(to):
                kept[to] = plan.run, path
    return kept
