"""From what a run wrote to the plan of what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .plan import Plan
from .state import State
from .tree import Stamp, Tree, Written


def planned(
    state: State, after: Tree, written: Written, run: int, uncertain: Sequence[str] = (), *, unfinished: bool = False
) -> Plan:
    """The plan for what a run wrote; `after` is the snapshot after it."""
    before = state.tree
    renames = {} if state.new_only else _renamed(state, after, written)
    lost = [] if not state.new_only else [*written.changed, *written.removed]
    puts, moves, old_folders, removed = [], {}, [], []
    new_folders = {path: after[path] for path in written.new if after[path].kind == "folder"}
    for path in () if state.new_only else (*written.changed, *written.removed):
        gone = path not in written.changed
        if before[path].kind == "folder":
            old_folders += [path] if gone else []
        elif path in state.copies:
            puts.append(path)
            removed += [path] if gone else []
        else:
            removed += [path] if gone and path not in renames.values() else []
            lost += [] if path in renames.values() else [path]
    changed = [path for path in written.changed if before[path].kind != "folder" and path in puts]
    for path in (*written.new, *changed):
        if path in new_folders or path in renames:
            continue
        to = state.bin_of(after[path].device, f"run-{run:03d}")
        if to is None:
            lost.append(path)  # on another file system: it stays
            puts = [one for one in puts if one != path]
        else:
            moves[path] = to, after[path]
    return Plan(
        run,
        moves,
        puts,
        renames,
        new_folders,
        old_folders,
        removed,
        _touched(before, after, written),
        lost,
        [path for path in uncertain if path in moves],
        unfinished,
    )


def _renamed(state: State, after: Tree, written: Written) -> dict[str, str]:
    """New path -> old path of the files without a copy that were renamed, and nothing else."""
    before = state.tree
    gone = {(before[path].device, before[path].inode): path for path in written.removed if path not in state.copies}
    found = {}
    for path in written.new:
        old = gone.get((after[path].device, after[path].inode))
        if old and after[path].kind == "file" and after[path].alike(before[old]):
            found[path] = old
    return found


def _touched(before: Tree, after: Tree, written: Written) -> dict[str, Stamp]:
    """Their times change as well, which a program may read."""
    parents = {str(Path(path).parent) for path in (*written.new, *written.changed, *written.removed)}
    own = {path for path in written.changed if before[path].kind == "folder"}
    both = (path for path in sorted(parents | own) if path in before and path in after)
    return {path: after[path] for path in both if before[path].kind == after[path].kind == "folder"}
