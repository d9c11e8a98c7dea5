"""Which files a run wrote: a snapshot of its folders before it, and one after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .places import is_below, scope
from .tree import TooManyEntriesError, Tree, difference, scan
from .whose import open_for_writing

TEMPORARY = frozenset({"tmp", ".tmp", "temp"})
"""Names of folders whose files are not compared."""
TOO_GENERAL = "it is a folder of the system or a home: what was written there was not compared"
TOO_MANY = "it holds too many files to list them before and after each run"


@dataclass(frozen=True)
class Watched:
    """The folders whose files are compared."""

    roots: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    """Folders whose files are not, and why."""


@dataclass(frozen=True)
class Snapshot:
    """The entries of these folders at one moment."""

    entries: Tree = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()


def watched(command: Sequence[str], working: str) -> Watched:
    """The working folder, and what lies outside it and the command line names."""
    found = scope(command, working)
    general = [*([found.working] if found.new_only else []), *found.refused]
    roots = tuple(root for root in found.roots if root not in general)
    return Watched(roots, tuple((root, TOO_GENERAL) for root in general))


def snapshot(folders: Watched, without: Path) -> Snapshot:
    """What lies in the folders now, but for what lies in `without`, caches and environments."""
    entries: Tree = {}
    left_out = list(folders.left_out)
    for root in folders.roots:
        try:
            entries |= scan([root], {str(without)})
        except TooManyEntriesError:
            left_out.append((root, TOO_MANY))
    return Snapshot(entries, tuple(left_out))


def written(before: Snapshot, after: Snapshot, roots: Sequence[str] = ()) -> list[Path]:
    """
    The regular files that are new or changed, sorted; called when every process of the run has ended.

    What is open for writing below these roots is then somebody else's: our own output, which a shell writes into a file
    of the folder, or another job.
    """
    elsewhere, _ = open_for_writing(roots)
    skipped = [root for root, _ in (*before.left_out, *after.left_out)]
    found = difference(before.entries, after.entries)
    return sorted(
        Path(path)
        for path in (*found.new, *found.changed)
        if after.entries[path].kind == "file"
        and path not in elsewhere
        and not any(is_below(path, root) for root in skipped)
        and not _is_temporary(path, after)
    )


def _is_temporary(path: str, after: Snapshot) -> bool:
    """Whether it lies in a temporary folder; the folders above the watched ones do not count."""
    above = (one for one in Path(path).parents if str(one) in after.entries)
    return any(one.name in TEMPORARY and str(one.parent) in after.entries for one in above)
