"""What people are told of the files around the runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from .places import is_below
from .state import State
from .tree import Tree

MOST_NAMES = 5


@dataclass
class Told:
    """What the result says of the files."""

    left: dict[str, str] = field(default_factory=dict)
    """Path -> why it was left as it is."""
    edited: list[str] = field(default_factory=list)
    """Of these, what the first run had found: later runs found something else."""
    not_restored: list[str] = field(default_factory=list)
    """What a run changed or removed, and what had no copy: later runs started without it."""
    unprotected: list[str] = field(default_factory=list)
    """Files from before the first run of which there is no copy, the largest first."""
    links: list[str] = field(default_factory=list)
    """Links to folders outside: what runs wrote there was not set aside."""
    kept_in: list[str] = field(default_factory=list)
    """Folders with versions that were neither put back nor deleted."""
    notes: list[str] = field(default_factory=list)


def elsewhere(state: State) -> list[str]:
    """Links in the folders to folders that are not protected."""
    links = (path for path, one in state.tree.items() if one.kind == "link")
    return [
        path
        for path in links
        if os.path.isdir(path)  # noqa: PTH112
        and not any(is_below(os.path.realpath(path), root) for root in state.roots)
    ]


def named(paths: Sequence[str], tree: Tree) -> str:
    """The first of these paths, with their sizes."""
    shown = [f"{path} ({_size(tree[path].size)})" for path in paths[:MOST_NAMES]]
    more = f" and {len(paths) - MOST_NAMES} more" if len(paths) > MOST_NAMES else ""
    return ", ".join(shown) + more


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def sentences(told: Told) -> list[str]:
    """Sentences for people: what was left, what could not be put back, what is kept where."""
    notes = [*told.notes]
    notes += [f"{path}: {why}; it is left as it is" for path, why in [*told.left.items()][:MOST_NAMES]]
    if len(told.left) > MOST_NAMES:
        notes.append(f"{len(told.left) - MOST_NAMES} more files are left as they are (files_left in the JSON)")
    if told.not_restored:
        shown = ", ".join(told.not_restored[:MOST_NAMES])
        notes.append(f"a run changed files of which there is no copy, so that later runs did not find them: {shown}")
    notes += [f"versions that were not put back, nor deleted, are in {folder}" for folder in told.kept_in]
    return notes
