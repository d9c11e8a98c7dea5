"""Taint: where a difference began, as one frozen value; and the taints of one process with what each one reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..alignment.branches import Branch
from ..alignment.events import Event, describe
from ..trace.archive import TaskKey
from ..trace.format import SourceLine
from ..trace.stream import Stream
from .origin_model import Evidence, Reach, ReachKind

MOST_TAINTS = 10_000
"""Later differences get the last taint: only the first taints, and those that reach an output, are reported."""
REACH_ORDER: dict[ReachKind, int] = {"read": 0, "scalar": 1, "last": 2, "worker-seed": 3}
WORKER_SEED = ("aten::random_", "i64[]")
"""Operator and output of the seed that torch's DataLoader draws and reads before each epoch, workers or not."""
COLLECTIVES = ("c10d::", "_c10d_functional::", "c10d_functional::")


@dataclass(frozen=True, order=True)
class Taint:
    """
    Where a difference began. Every record that received the difference carries the same taint.

    Taints of one process compare by their number alone: the least one began first.
    """

    number: int
    """From 1, in the order in which differences began."""
    key: TaskKey = field(compare=False)
    event: Event = field(compare=False)
    name: str = field(compare=False)
    source: SourceLine = field(compare=False)
    meta: str = field(compare=False)
    evidence: Evidence = field(compare=False)
    inputs_equal: bool | None = field(default=None, compare=False)
    generator: str | None = field(default=None, compare=False)
    seeded: bool | None = field(default=None, compare=False)
    from_system: SourceLine | None = field(default=None, compare=False)
    seeded_later: SourceLine | None = field(default=None, compare=False)
    other_set: bool = field(default=False, compare=False)
    branch: Branch | None = field(default=None, compare=False)
    given: bool = field(default=False, compare=False)
    """Whether it takes memory that another process or a file filled."""

    @property
    def collective(self) -> bool:
        """Whether another process may have sent the difference: by a collective operation or in shared memory."""
        return self.given or self.name.startswith(COLLECTIVES)

    @property
    def begins_at(self) -> SourceLine:
        """The line to report: of a branch the statement that decided it."""
        return self.branch.source if self.branch else self.source

    @property
    def place(self) -> tuple[object, ...]:
        """Equal for taints that began in the same way at one line of one task."""
        return self.key, self.name, self.source, self.evidence, self.branch and self.branch.source


class Taints:
    """The taints of one process, and the most visible place that each one reaches."""

    def __init__(self) -> None:
        self.found: list[Taint] = []
        """In the order in which they began."""
        self.first_is_read = False
        """Whether the program reads, prints or saves what carries the first taint."""
        self._reaches: dict[Taint, Reach] = {}

    def add(self, key: TaskKey, stream: Stream, event: Event, evidence: Evidence, **known: Any) -> Taint:
        """A new taint that begins at this event; the last one if there are MOST_TAINTS."""
        if len(self.found) < MOST_TAINTS:
            shown = describe(stream, event)
            number = len(self.found) + 1
            self.found.append(Taint(number, key, event, shown.name, shown.source, shown.meta, evidence, **known))
        return self.found[-1]

    def reach_of(self, taint: Taint) -> Reach | None:
        """The most visible place that it reaches, if any."""
        return self._reaches.get(taint)

    def add_reach(self, taint: Taint, key: TaskKey, stream: Stream, event: Event, kind: ReachKind) -> None:
        """Note that the program reads this event, which carries the taint, or that it is the last result."""
        shown = describe(stream, event)
        if kind == "scalar" and (taint.name.partition(".")[0], taint.meta.partition("@")[0]) == WORKER_SEED:
            kind = "worker-seed" if shown.source == taint.source else kind
        known = self._reaches.get(taint)
        if known is None or REACH_ORDER[kind] < REACH_ORDER[known.kind]:
            self._reaches[taint] = Reach(kind, shown.name, shown.source, key, event.record.at)
            self.first_is_read = self.first_is_read or (kind == "read" and taint.number == 1)

    def order(self, taint: Taint) -> tuple[int, int]:
        """Sort key: taints that are read come first, then the earlier ones."""
        reach = self.reach_of(taint)
        return (REACH_ORDER[reach.kind] if reach else len(REACH_ORDER)), taint.number
