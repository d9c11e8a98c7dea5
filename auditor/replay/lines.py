"""
The cause where only what is printed or written differs: judged by the outputs, and placed at a statement.

No recorded operation began it, so the runs are made again with every statement of the user's files recorded. Following
statements disturbs addresses and times; so the cause is first sought without it, where a factor must make all outputs
equal, and with that whatever reached them. Where two causes meet, no single factor can; then each statement counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from . import prove
from .experiment import Run
from .findings import Origin
from .hypotheses import hypotheses
from .prove import Proof
from .records import NAMES, OUTSIDE
from .result import frameworks_of
from .search import Runner, Search, Seen, search
from .trace import open_trace

ENDS_HERE = "auditor.statements-end"
"""The recorder's name for the place from which on statements were not recorded: there were too many."""


@dataclass(frozen=True)
class Explained:
    """What came of it."""

    found: Search
    """The run in whose trace the origin stands, and the origin."""
    proofs: list[Proof]
    notes: tuple[str, ...] = ()
    """What is weaker than it looks."""


def explain(detailed: Runner, by_statement: Runner, found: Search, before: Seen) -> Explained:
    """
    The statement that began it, if one shows, and what came of the counterfactuals.

    `found` is a search among runs of `detailed` without an origin; `before` is what the base runs showed.
    """
    traced = search(by_statement)
    tried = hypotheses(traced.origin if traced else None, frameworks_of(found.base))
    proofs = prove.explain(detailed, tried, found, before)
    notes = tuple(_ends(traced.base)) if traced else ()
    if traced is None or traced.origin is None:
        return Explained(found, proofs, notes)
    if not any(proof.proven for proof in proofs):
        return Explained(traced, prove.explain(by_statement, tried, traced, before), notes)
    if traced.origin.reach is None:  # what makes the outputs equal need not be what began there
        return Explained(found, proofs, notes)
    return Explained(replace(traced, origin=_with_generator(traced.origin, proofs)), proofs, notes)


def _ends(run: Run) -> Iterator[str]:
    """Where as many statements were recorded as are."""
    with open_trace(run.folder) as trace:
        for key, stream in trace.streams.items():
            names = stream.structure.tables[NAMES]
            known = next((number for number in range(len(names)) if stream.text(NAMES, number + 1) == ENDS_HERE), None)
            if known is None:
                continue
            steps = next((one.extra for one in stream.records(names[known]) if one.kind == OUTSIDE), 0)
            yield f"statements of process {key.lineage} were recorded up to {steps} steps: what began later has no line"


def _with_generator(origin: Origin, proofs: Sequence[Proof]) -> Origin:
    """Where entropy is the proven cause: whose generator took it in that statement."""
    if not any(proof.proven and proof.hypothesis.factor == "entropy" for proof in proofs):
        return origin
    taken = (one for one in origin.before if one.generator and one.source[:2] == origin.source[:2])
    taker = next(taken, None)
    return replace(origin, generator=taker.generator, seeded=taker.seeded) if taker else origin
