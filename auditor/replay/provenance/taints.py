"""The places where differences begin in one process, numbered in the order in which they were met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..alignment.branches import Branch
from ..alignment.events import Event, told
from ..trace.archive import Key
from ..trace.format import Source
from ..trace.stream import Stream
from .origin_model import Evidence, Reach, ReachKind

MOST_ROOTS = 10_000
"""More are counted as the last one: what matters are the first, and which of them come out."""
REACH_ORDER: dict[ReachKind, int] = {"read": 0, "scalar": 1, "last": 2, "worker-seed": 3}
WORKER_SEED = ("aten::random_", "i64[]")
"""What torch's DataLoader draws and reads out before each epoch, whether it has workers or not."""
COLLECTIVES = ("c10d::", "_c10d_functional::", "c10d_functional::")


@dataclass
class Root:
    """A place where a difference begins."""

    label: int
    key: Key
    event: Event
    name: str
    source: Source
    meta: str
    evidence: Evidence
    inputs_equal: bool | None = None
    generator: str | None = None
    seeded: bool | None = None
    from_system: Source | None = None
    other_set: bool = False
    branch: Branch | None = None
    reach: Reach | None = None
    given: bool = False
    """Whether it takes memory that somebody else has filled: a worker of this process, a file."""

    @property
    def collective(self) -> bool:
        """Whether another process may have sent what differs: by an operation of several ranks, in shared memory."""
        return self.given or self.name.startswith(COLLECTIVES)

    @property
    def place(self) -> tuple[object, ...]:
        """Equal for what began at one line of one task in the same way."""
        return self.key, self.name, self.source, self.evidence, self.branch and self.branch.source

    @property
    def order(self) -> tuple[int, int]:
        """Sorts what is read before what is not, and then what came first."""
        return (REACH_ORDER[self.reach.kind] if self.reach else len(REACH_ORDER)), self.label


class Roots:
    """The roots of one process."""

    def __init__(self) -> None:
        self.found: list[Root] = []

    def add(self, key: Key, stream: Stream, event: Event, evidence: Evidence, **known: Any) -> int:
        """A new root's label."""
        if len(self.found) < MOST_ROOTS:
            shown = told(stream, event)
            label = len(self.found) + 1
            self.found.append(Root(label, key, event, shown.name, shown.source, shown.meta, evidence, **known))
        return len(self.found)

    def came_out(self, label: int, key: Key, stream: Stream, event: Event, kind: ReachKind) -> None:
        """What began there is read here, or is among the last results; the most telling such place is kept."""
        root = self.found[label - 1]
        shown = told(stream, event)
        if kind == "scalar" and (root.name.partition(".")[0], root.meta.partition("@")[0]) == WORKER_SEED:
            kind = "worker-seed" if shown.source == root.source else kind
        if root.reach is None or REACH_ORDER[kind] < REACH_ORDER[root.reach.kind]:
            root.reach = Reach(kind, shown.name, shown.source, key, event.record.at)

    @property
    def reached(self) -> bool:
        """Whether what began first has come out where a user sees it."""
        return bool(self.found) and self.found[0].reach is not None and self.found[0].reach.kind == "read"
