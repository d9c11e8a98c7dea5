"""What the search for an origin finds, for people and for the hypotheses that come after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..alignment.branches import Branch
from ..trace.archive import Key
from ..trace.format import Source

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
What stands at an origin.

- `draw-unseeded`: a framework's generator was in another state and no seed call explains it, or Python's or NumPy's
  generators drew without ever having been seeded.
- `same-inputs-other-outputs`: nothing that went in differs.
- `reads-unwritten`: memory that nobody had written; the origin is its allocation.
- `outside`: a value that no recorded operation made.
- `other-order`: equal values, taken in another order.
- `other-branch`: other steps.
- `first-to-differ`: of base traces, which have no inputs: the first step with other bits.
"""
STRONG = ("draw-unseeded", "same-inputs-other-outputs", "reads-unwritten", "first-to-differ")
"""Evidence that needs nothing before it; the other kinds may only have received what differs."""
STATEMENTS = ("line", "print")
"""Names of steps that are statements of the user's program."""
LISTINGS = ("os.listdir", "os.scandir", "glob.glob")
"""What lists folders: such a record holds a digest of the names in their order, and one of their set."""
ReachKind = Literal["read", "scalar", "last", "worker-seed"]


class Reach(NamedTuple):
    """Where a difference came out."""

    kind: ReachKind
    """
    `read`: the program reads, prints or saves it. `scalar`: a number was read out of a tensor, by whom is not known.
    `last`: nobody was seen to read it, and it is among the last results. `worker-seed`: torch's DataLoader drew a seed
    for workers, which by itself changes nothing.
    """
    name: str
    source: Source
    key: Key
    at: int


class Prior(NamedTuple):
    """A draw, or a value from outside, that was taken before an origin."""

    name: str
    source: Source
    differs: bool
    """False for a clock, whose value is not recorded."""
    volatile: bool
    """Whether it is another one each time by its nature (a clock)."""
    generator: str | None
    seeded: bool | None
    """Of a draw: whether its generator was ever seeded."""


class Identity(NamedTuple):
    """What is the same about one origin in several pairs of runs."""

    lineage: str
    ordinal: int
    evidence: Evidence
    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Origin:
    """Where a difference began."""

    key: Key
    at: int
    """Index of its record in the first trace."""
    evidence: Evidence
    name: str
    """The operator or function."""
    source: Source
    """The user's line; of an `other-branch` the statement that decided."""
    meta: str = ""
    """Dtype, shape and device of what it gives."""
    inputs_equal: bool | None = None
    """None where inputs were not recorded, or there are none."""
    generator: str | None = None
    """Of a draw: `torch`, `numpy`, `python`."""
    seeded: bool | None = None
    """Of a draw: whether the program was seen to seed that generator before."""
    from_system: Source | None = None
    """Of a draw: the seed call that took the system's entropy for it, where there is one."""
    other_set: bool = False
    """Of a listing: whether it holds other names, and not the same in another order."""
    before: tuple[Prior, ...] = ()
    """Draws and values from outside that were taken before it, the nearest first; each place once."""
    branch: Branch | None = None
    reach: Reach | None = None
    """Where it came out; None if nobody was seen to read what it changed."""
    received: tuple[str, ...] = ()
    """Lineages (ranks, workers) in which something differs that did not begin there."""
    collective: bool = False
    """Whether it is a collective operation of several ranks: another rank may have sent what differs."""

    @property
    def identity(self) -> Identity:
        """Equal for the same origin in another pair of runs."""
        return Identity(*self.key, self.evidence, self.name, self.source.file, self.source.line)


@dataclass(frozen=True)
class Findings:
    """Where two runs began to differ."""

    origin: Origin | None
    """The one to explain; None where nothing differs."""
    others: tuple[Origin, ...] = ()
    """Other places where differences began, the likeliest first: what nobody reads, and what comes later."""
    complete: bool = True
    """False where a trail was longer than is followed: a reach that is missing may lie beyond."""

    def holds(self, identity: Identity) -> bool:
        """Whether an origin of this identity is among them: a cure makes it vanish."""
        found = [one.identity for one in (*([self.origin] if self.origin else []), *self.others)]
        if identity.name in STATEMENTS:  # its evidence and its name change with what it happens to give
            return any((*one[:2], *one[4:]) == (*identity[:2], *identity[4:]) for one in found)
        return identity in found
