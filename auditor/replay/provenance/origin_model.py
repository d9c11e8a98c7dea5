"""The origin of a divergence: its evidence, what it reaches, and the values that were taken before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..alignment.branches import Branch
from ..trace.archive import TaskKey
from ..trace.format import DRAW, MAKERS, VOLATILE, SourceLine, TraceRecord
from ..trace.stream import Stream
from .seeds import library_of

Evidence = Literal[
    "draw-unseeded",
    "same-inputs-other-outputs",
    "reads-unwritten",
    "outside",
    "other-order",
    "other-branch",
    "first-to-differ",
]
"""
The kind of evidence at an origin.

- `draw-unseeded`: a framework's generator was in another state and no seed call explains that, or a generator of
  Python's or NumPy's drew and was never seeded.
- `same-inputs-other-outputs`: equal inputs, different outputs.
- `reads-unwritten`: uninitialised memory was read; the origin is its allocation.
- `outside`: an external value, made by no recorded operation.
- `other-order`: equal values in another order.
- `other-branch`: the runs took different steps.
- `first-to-differ`: the first step with another digest, in base traces, which have no inputs.
"""
STRONG = ("draw-unseeded", "same-inputs-other-outputs", "reads-unwritten", "first-to-differ")
"""Evidence that a difference began here; at the other kinds it may have been received."""
STATEMENTS = ("line", "print")
"""Names of records that stand for statements of the user's program."""
LISTINGS = ("os.listdir", "os.scandir", "glob.glob")
"""Calls that list a folder. Such a record holds a digest of the names in order, and one of their set."""
ReachKind = Literal["read", "scalar", "last", "worker-seed"]


class Reach(NamedTuple):
    """Where a difference becomes visible."""

    kind: ReachKind
    """
    `read`: the program reads, prints or saves it. `scalar`: a number was read out of a tensor, by code that is not
    recorded. `last`: no read was recorded, and it is among the last results. `worker-seed`: torch's DataLoader drew a
    seed for its workers, which by itself changes no result.
    """
    name: str
    source: SourceLine
    key: TaskKey
    at: int


class EarlierValue(NamedTuple):
    """A draw or an external value that was taken before an origin."""

    name: str
    source: SourceLine
    differs: bool
    """False for a clock, whose value is not recorded."""
    volatile: bool
    """Whether it differs in every run by its nature (a clock)."""
    generator: str | None
    seeded: bool | None
    """Of a draw: whether its generator was ever seeded."""
    seeded_later: SourceLine | None = None
    """Of a draw: the call that seeded its generator only afterwards, if there is one."""
    inside: str = ""
    """The function of a library that took it, if none of the program's own did."""

    @property
    def makes(self) -> str:
        """The library whose own generator took its seed from the system's entropy there; empty if none did."""
        return library_of(self.name) if self.name in MAKERS and not self.seeded else ""


def earlier_value(stream: Stream, record: TraceRecord, *, differs: bool) -> EarlierValue:
    """What a record of a draw or of an external value says."""
    name, draws = stream.name_of(record), record.kind == DRAW
    return EarlierValue(
        name,
        stream.source(record),
        differs=differs,
        volatile=not draws and bool(record.flags & VOLATILE),
        generator=library_of(name) if draws else None,
        seeded=bool(record.number) if draws else None,
        inside="" if draws else stream.meta_of(record),
    )


class OriginIdentity(NamedTuple):
    """Identifies one origin across pairs of runs."""

    lineage: str
    ordinal: int
    evidence: Evidence
    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Origin:
    """Where a difference began."""

    key: TaskKey
    at: int
    """Index of its record in the first trace."""
    evidence: Evidence
    name: str
    """The operator or function."""
    source: SourceLine
    """The user's line; of an `other-branch` the statement that decided."""
    meta: str = ""
    """Dtype, shape and device of what it gives."""
    inputs_equal: bool | None = None
    """None where inputs were not recorded, or there are none."""
    generator: str | None = None
    """Of a draw: `torch`, `numpy`, `python`."""
    seeded: bool | None = None
    """Of a draw: whether a recorded call seeded that generator before."""
    from_system: SourceLine | None = None
    """Of a draw: the call that seeded its generator from the system's entropy, if there is one."""
    seeded_later: SourceLine | None = None
    """Of a draw: the call that seeded its generator only afterwards, if there is one."""
    other_set: bool = False
    """Of a folder's listing: whether the names themselves differ, not their order alone."""
    before: tuple[EarlierValue, ...] = ()
    """Draws and external values that were taken before it, the nearest first; each place once."""
    branch: Branch | None = None
    enters: SourceLine | None = None
    """Of a value that Python made: the first operation of a framework that received it; None if none was recorded."""
    enters_at: int = -1
    """Index of that operation's record in the first trace; -1 if there is none."""
    reach: Reach | None = None
    """Where the difference becomes visible; None if no read of it was recorded."""
    received: tuple[str, ...] = ()
    """Lineages (ranks, workers) that received the difference."""
    collective: bool = False
    """Whether it is a collective operation: another rank may have sent the difference."""

    @property
    def identity(self) -> OriginIdentity:
        """Equal for the same origin in another pair of runs."""
        return OriginIdentity(*self.key, self.evidence, self.name, self.source.file, self.source.line)


@dataclass(frozen=True)
class Origins:
    """Where two runs began to differ."""

    origin: Origin | None
    """The one to explain; None if nothing differs."""
    others: tuple[Origin, ...] = ()
    """Other places where differences began, the likeliest first: later ones, and those that reach no read."""
    complete: bool = True
    """False if propagation stopped at its limits: a reach that is missing may lie beyond them."""

    def holds(self, identity: OriginIdentity) -> bool:
        """Whether an origin of this identity is among them."""
        found = [one.identity for one in (*([self.origin] if self.origin else []), *self.others)]
        if identity.name in STATEMENTS:  # a statement's evidence and name vary from pair to pair
            return any((*one[:2], *one[4:]) == (*identity[:2], *identity[4:]) for one in found)
        return identity in found
