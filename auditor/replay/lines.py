"""
The cause where only what is printed or written differs: judged by the outputs, and placed at a statement.

No recorded operation began it, so the runs are made again with every statement of the user's files recorded. Following
statements disturbs addresses and times; so the cause is first sought without it, where a factor must make all outputs
equal, and with that whatever reached them. Where two causes meet, no single factor can; then each statement counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import prove
from .findings import Origin
from .hypotheses import hypotheses
from .prove import Proof
from .search import Runner, Search, Seen, search


@dataclass(frozen=True)
class Explained:
    """What came of it."""

    found: Search
    """The run in whose trace the origin stands, and the origin."""
    proofs: list[Proof]


def explain(detailed: Runner, by_statement: Runner, found: Search, before: Seen) -> Explained:
    """
    The statement that began it, if one shows, and what came of the counterfactuals.

    `found` is a search among runs of `detailed` without an origin; `before` is what the base runs showed.
    """
    traced = search(by_statement)
    tried = hypotheses(traced.origin if traced else None)
    proofs = prove.explain(detailed, tried, found, before)
    if traced is None or traced.origin is None:
        return Explained(found, proofs)
    if not any(proof.proven for proof in proofs):
        return Explained(traced, prove.explain(by_statement, tried, traced, before))
    if traced.origin.reach is None:  # what makes the outputs equal need not be what began there
        return Explained(found, proofs)
    return Explained(replace(traced, origin=_with_generator(traced.origin, proofs)), proofs)


def _with_generator(origin: Origin, proofs: Sequence[Proof]) -> Origin:
    """Where entropy is the proven cause: whose generator took it in that statement."""
    if not any(proof.proven and proof.hypothesis.factor == "entropy" for proof in proofs):
        return origin
    taken = (one for one in origin.before if one.generator and one.source[:2] == origin.source[:2])
    taker = next(taken, None)
    return replace(origin, generator=taker.generator, seeded=taker.seeded) if taker else origin
