"""What a store knows: the files as each run shall find them, their copies, and what the first run wrote."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .places import is_below
from .plan import Plan
from .tree import Stamp, Tree, scan


@dataclass
class State:
    """Changes with each run; every change is in the journal, from which `replayed` makes it again."""

    roots: tuple[str, ...]
    leave_out: frozenset[str]
    bins: dict[int, str]
    """Device -> the folder on it into which entries are renamed."""
    new_only: bool = False
    tree: Tree = field(default_factory=dict)
    """What the next run finds, as far as we know."""
    copies: dict[str, str] = field(default_factory=dict)
    """Path -> its copy. What has none cannot be put back."""
    others: set[str] = field(default_factory=set)
    """What somebody else changed since the first run: it is left as it is at the end."""
    plans: list[Plan] = field(default_factory=list)
    """One for each run that has ended, in order; that of the first run says how the folders are left at the end."""
    begun: int = 0
    """The run that was started last."""
    marker: str = ""
    """The folder of that run's trace, which its processes have in their environment."""
    finished: int = 0
    """The run whose plan was carried out last."""
    final: bool = False
    """Whether the files of the first run are being brought back."""
    done: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def scan(self) -> Tree:
        """The entries now."""
        found = scan(self.roots, self.leave_out)
        if not self.new_only:
            return found
        hidden = f"{self.roots[0].rstrip('/')}/."
        return {path: one for path, one in found.items() if not path.startswith(hidden)}

    def bin_of(self, device: int, *parts: str) -> str | None:
        """A new path in the folder for this device, whose parent is made; None if the device has none."""
        base = self.bins.get(device)
        if base is None:
            return None
        folder = Path(base, *parts)
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / str(next(self._numbers))
            if not os.path.lexists(path):
                return str(path)

    @property
    def first(self) -> Plan | None:
        """The plan of the first run."""
        return self.plans[0] if self.plans else None

    def is_ours(self, path: str) -> bool:
        """Whether the path lies in one of our own folders, or is left out for another reason."""
        return any(is_below(path, one) for one in (*self.bins.values(), *self.leave_out))


def as_json(tree: Mapping[str, Stamp]) -> dict[str, list[Any]]:
    """A tree as JSON."""
    return {path: list(one) for path, one in tree.items()}


def as_tree(value: Mapping[str, list[Any]]) -> Tree:
    """The tree that `as_json` wrote."""
    return {path: Stamp(*one) for path, one in value.items()}


def replayed(records: Iterable[Mapping[str, Any]]) -> State | None:
    """The state that the records of a journal describe; None if the copies were not complete yet: nothing was run."""
    state: State | None = None
    for record in records:
        step = record["step"]
        if step == "begin":
            state = State(
                roots=tuple(record["roots"]),
                leave_out=frozenset(record["leave_out"]),
                bins={int(device): path for device, path in record["bins"].items()},
                new_only=record["new_only"],
                tree=as_tree(record["tree"]),
                copies=dict(record["copies"]),
            )
        elif state is not None:
            _advance(state, record)
    return state


def _advance(state: State, record: Mapping[str, Any]) -> None:
    step = record["step"]
    if step == "start":
        apply_others(state, as_tree(record["tree"]), record["gone"], record["copies"])
        state.begun, state.marker = record["run"], record["marker"]
    elif step == "goes-on":
        state.marker = record["marker"]
    elif step == "take":
        state.plans.append(Plan.of_json(record["plan"]))
    elif step == "taken":
        state.tree.update(as_tree(record["tree"]))
        for path in record["gone"]:
            state.tree.pop(path, None)
        state.finished = record["run"]
    elif step == "final":
        state.final = True
    elif step == "done":
        state.done = True


def apply_others(state: State, tree: Tree, gone: Iterable[str], copies: Mapping[str, str]) -> None:
    """Take over what somebody else changed between two runs: the next run finds that."""
    for path in (*gone, *tree):
        state.copies.pop(path, None)
        if state.plans:
            state.others.add(path)
    for path in gone:
        state.tree.pop(path, None)
    state.tree.update(tree)
    state.copies.update(copies)
