"""
Which changes during a run are the program's: a snapshot shows that a file changed, and not who changed it.

Of the first run all are, but for files that another process holds open for writing. Of a later run those that the
first run made as well: the same path, or a new one of the same kind in the same place (`runs/<new>/*.pt`), as where
names hold a time. Whatever else changed during it is left as it is.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from .places import is_below
from .plan import Plan
from .tree import Tree, Written

NEW = "*"
"""Stands for the name of a new folder."""
Place = tuple[str, ...]


@dataclass(frozen=True)
class Attribution:
    """Whose changes are."""

    ours: Written
    """Of the program."""
    uncertain: tuple[str, ...] = ()
    """Of these: new ones in a place where this run did not make as many as the first."""
    others: tuple[str, ...] = ()
    """Of somebody else, as far as can be told."""


def attributed(
    written: Written,
    before: Tree,
    after: Tree,
    first: Plan | None,
    open_elsewhere: Collection[str],
    *,
    found_first: bool = False,
    wrote: Collection[str] = (),
) -> Attribution:
    """
    Whose the changes of a run are; `first` is the plan of the first run, None while that run is the only one.

    `found_first`: it found copies of what the first run wrote, so that what it made itself stands beside them. `wrote`:
    paths that its processes were seen to write or to remove; what lies in a folder that they made is theirs too.
    """
    busy = _busy(written, after, open_elsewhere)
    free = _without(written, busy)
    if first is None:
        return Attribution(free, others=tuple(sorted(busy)))
    new, uncertain = _with_counterpart(free.new, before, after, first, beside=found_first)
    known = {*first.moves, *first.removed, *first.old_folders, *first.renames.values(), *first.touched, *first.lost}
    seen = _seen(free, {os.path.realpath(path) for path in wrote}, after)
    known |= seen
    new, uncertain = sorted({*new, *(path for path in free.new if path in seen)}), [*({*uncertain} - seen)]
    ours = Written(
        tuple(new),
        tuple(path for path in free.changed if path in known),
        tuple(path for path in free.removed if path in known),
    )
    mine = {*ours.new, *ours.changed, *ours.removed}
    others = {path for path in (*written.new, *written.changed, *written.removed) if path not in mine}
    return Attribution(ours, tuple(sorted(uncertain)), tuple(sorted(others)))


def _seen(written: Written, wrote: Collection[str], after: Tree) -> set[str]:
    """The changes at paths that were seen to be written, and in new folders among them."""
    made = [path for path in written.new if path in wrote and after[path].kind == "folder"]
    found = {path for path in (*written.new, *written.changed, *written.removed) if path in wrote}
    return found | {path for path in written.new if any(is_below(path, folder) for folder in made)}


def _without(written: Written, paths: Collection[str]) -> Written:
    return replace(
        written,
        new=tuple(path for path in written.new if path not in paths),
        changed=tuple(path for path in written.changed if path not in paths),
        removed=tuple(path for path in written.removed if path not in paths),
    )


def _busy(written: Written, after: Tree, open_elsewhere: Collection[str]) -> set[str]:
    """What another process holds open, and everything in the outermost new folder around it: another job's folder."""
    busy = {path for path in open_elsewhere if path in written.new or path in written.changed}
    folders = [path for path in written.new if after[path].kind == "folder"]
    taken = [folder for folder in folders if any(is_below(path, folder) for path in busy)]
    return busy | {path for path in written.new if any(is_below(path, folder) for folder in taken)}


def _with_counterpart(
    new: Iterable[str], before: Tree, after: Tree, first: Plan, *, beside: bool
) -> tuple[list[str], list[str]]:
    """New paths that the first run made too, or has made one like them of; and those of them that are uncertain."""
    made: dict[str, str] = dict.fromkeys(first.renames, "file") | dict.fromkeys(first.new_folders, "folder")
    for path, (_, stamp) in first.moves.items():
        if path not in before or before[path].kind != stamp.kind:
            made[path] = stamp.kind
    exact = [path for path in new if made.get(path) == after[path].kind]
    rest = [path for path in new if path not in {*exact}]
    left_of_first: dict[Place, int] = defaultdict(int)
    known_folders = {path for path, kind in made.items() if kind == "folder"}
    for path in made if beside else made.keys() - {*exact}:
        left_of_first[_place(path, made[path], known_folders)] += 1
    groups: dict[Place, list[str]] = defaultdict(list)
    own_folders = {path for path in new if after[path].kind == "folder"}
    for path in rest:
        groups[_place(path, after[path].kind, own_folders)].append(path)
    places = {_place(path, kind, known_folders) for path, kind in made.items()}
    alike = [path for place, paths in groups.items() if place in places for path in paths]
    uncertain = [
        path
        for place, paths in groups.items()
        if place in places and len(paths) != left_of_first[place]
        for path in paths
    ]
    return sorted({*exact, *alike}), sorted(uncertain)


def _place(path: str, kind: str, new_folders: Collection[str]) -> Place:
    """Where it lies, with `NEW` for each new folder, and its kind: `folder`, or its suffix."""
    parts: list[str] = []
    folder = PurePath(path).parent
    while str(folder) in new_folders:
        parts.append(NEW)
        folder = folder.parent
    return (str(folder), *parts, kind if kind != "file" else PurePath(path).suffix)


# ------------------------------------------------------------------------------------------------ open in a process


def open_for_writing(roots: Iterable[str]) -> tuple[set[str], set[str]]:
    """Files below the roots that running processes hold open for writing; and which of them are our own streams."""
    found, own = set(), set()
    wanted = [*roots]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            for entry in os.scandir(process / "fd"):
                path = _written_through(entry.path, process, entry.name)
                if path and any(is_below(path, root) for root in wanted):
                    found.add(path)
                    own |= {path} if process.name == str(os.getpid()) else set()
    return found, own


def _written_through(link: str, process: Path, number: str) -> str:
    """The file behind a descriptor that can be written through; empty for others."""
    with contextlib.suppress(OSError, ValueError):
        path = os.readlink(link)  # noqa: PTH115
        if path.startswith("/"):
            flags = (process / "fdinfo" / number).read_text("ascii").split("flags:", 1)[1].split()[0]
            return path if int(flags, 8) & (os.O_WRONLY | os.O_RDWR) else ""
    return ""
