"""The last steps of a store: carrying out a plan, bringing back, and keeping what is nobody's to delete."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .journal import Journal, sync_system
from .perform import bring_back, kept_of, take
from .plan import Plan
from .state import State, as_json
from .store import discard
from .tree import OWN_PREFIX, stamp

KEPT = f"{OWN_PREFIX}-kept"


@dataclass(frozen=True)
class End:
    """What the end left."""

    left: Sequence[str] = ()
    """Paths that somebody else changed: they are as they were found."""
    kept_in: Sequence[Path] = ()
    """Folders with what was neither put back nor deleted."""


def taken(state: State, journal: Journal, plan: Plan) -> list[str]:
    """Carry out the plan of a run, which is in the journal; returns the paths that somebody else changed since."""
    left, tree = take(plan, state)
    tree.update({path: now for path in plan.lost if (now := stamp(path)) is not None})
    gone = [path for path in plan.lost if path not in tree]
    for path in gone:
        state.tree.pop(path, None)
    state.tree.update(tree)
    state.finished = plan.run
    journal.note("taken", run=plan.run, tree=as_json(tree), gone=gone)
    return left


def ended(state: State, journal: Journal, home: Path) -> End:
    """Bring back what the first run wrote, if it has ended; then remove the store, but for what is kept."""
    first = state.first
    left: list[str] = []
    if first is not None and not first.unfinished:
        journal.write("final")
        left = bring_back(first, state)
    kept = [*_kept(state, left)]
    for folder in state.bins.values():
        sync_system(folder)
    journal.write("done")
    journal.close()
    discard(home)
    return End(tuple(left), tuple(kept))


def _kept(state: State, left: Sequence[str]) -> Iterator[Path]:
    """Rename what must not be deleted into folders that stay, each by the path that it had."""
    kept = kept_of(state.plans, left)
    for base in state.bins.values():
        inside = {source: of for source, of in kept.items() if source.startswith(base + "/")}
        if not inside:
            continue
        folder = _new_folder(Path(base).parent)
        for source, (run, path) in inside.items():
            target = folder / f"run-{run:03d}" / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(source, target)  # noqa: PTH104
        yield folder


def _new_folder(store: Path) -> Path:
    """A folder beside the store's own."""
    name = f"{KEPT}-{store.name[-16:]}-{time.strftime('%Y%m%dT%H%M%S')}"
    number = 0
    while True:
        folder = store.parent / (f"{name}-{number}" if number else name)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder
