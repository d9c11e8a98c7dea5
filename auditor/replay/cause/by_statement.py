"""
The cause where only what is printed or written differs: judged by the outputs, and placed at a statement.

No recorded operation began it, so the runs are made again with every statement of the user's files recorded. Following
statements disturbs addresses and times; so the cause is first sought without it, where a factor must make all outputs
equal, and with that whatever reached them. Where two causes meet, no single factor can; then each statement counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..provenance.origin_model import STATEMENTS, Origin
from ..runs.recorded import frameworks_of
from ..runs.run import Run
from ..trace.archive import open_trace
from ..trace.format import NAMES, OUTSIDE
from ..trace.frameworks import framework_of
from . import counterfactual
from .baseline_run import BaselineSearch, DivergenceCount, Runner, search
from .counterfactual import HypothesisTest
from .hypotheses import causes_of, hypotheses, is_why
from .interventions import Hypothesis
from .locate import placed

ENDS_HERE = "auditor.statements-end"
"""The recorder's name for the place from which on statements were not recorded: there were too many."""


@dataclass(frozen=True)
class Explanation:
    """What came of it."""

    found: BaselineSearch
    """The run in whose trace the origin stands, and the origin."""
    proofs: list[HypothesisTest]
    notes: tuple[str, ...] = ()
    """What is weaker than it looks."""


def is_unread(origin: Origin) -> bool:
    """
    Whether it is a value that came into Python, and that no recorded step was seen to read.

    A run's id that nobody looks at differs in each run as well; and what a seed is made of stands elsewhere.
    """
    gives_seed = origin.evidence == "outside" and origin.generator is not None and origin.seeded is None
    in_python = framework_of(origin.name) == "python" and origin.name not in STATEMENTS
    return origin.reach is None and (gives_seed or (in_python and origin.evidence in {"outside", "draw-unseeded"}))


def explain(detailed: Runner, by_statement: Runner, found: BaselineSearch, before: DivergenceCount) -> Explanation:
    """
    The statement that began it, if one shows, and what came of the counterfactuals.

    `found` is a search among runs of `detailed` whose origin is None or unread; `before` is what the base runs showed.
    An unread one is told where the statement is the same, or where none shows and what is proven can be why it differs.
    """
    unread, found = found.origin, replace(found, origin=None)
    traced = search(by_statement)
    notes = tuple(_ends(traced.base)) if traced else ()
    statement = traced.origin if traced else None
    begins = statement is not None and statement.reach is not None
    if unread and statement and begins and not _is_same(unread, statement):
        unread = None
    tried = _hypotheses((unread, statement), found)
    proofs = counterfactual.explain(detailed, tried, found, before)
    proven = next((proof.hypothesis for proof in proofs if proof.proven), None)
    told, seconds = unread if proven is None or (unread and is_why(unread, proven)) else None, found.seconds
    if proven is None and traced and statement:
        proofs, seconds = counterfactual.explain(by_statement, tried, traced, before), traced.seconds
    elif not (traced and statement and begins):  # what makes the outputs equal need not be what began there
        return Explanation(replace(found, origin=told), proofs, notes)
    if told or not (traced and statement):
        return Explanation(replace(found, origin=told, seconds=seconds), proofs, notes)
    place = placed(by_statement, traced, proven) if proven else statement
    if place is None:
        return Explanation(found, proofs, notes)
    return Explanation(replace(traced, origin=_as_taken(place, proofs)), proofs, notes)


def _hypotheses(origins: Sequence[Origin | None], found: BaselineSearch) -> list[Hypothesis]:
    """What to try for all of these, each settings once; without any of them everything."""
    tried: list[Hypothesis] = []
    for origin in [one for one in origins if one is not None] or (None,):
        known = [one.settings for one in tried]
        tried += [one for one in hypotheses(origin, frameworks_of(found.base)) if one.settings not in known]
    return tried


def _is_same(unread: Origin, statement: Origin) -> bool:
    """Whether the value came in while this statement ran, at its line or a later one of it; or in a child of its."""
    if unread.key.lineage.startswith(f"{statement.key.lineage}."):
        return True  # what a child gives back is not followed
    last = next(iter(statement.before), None)
    own, other = unread.source, statement.source
    at_last = last is not None and (last.name, last.source) == (unread.name, own)
    inside = at_last and own.line > other.line and (own.file, own.function) == (other.file, other.function)
    return unread.key == statement.key and (own.same_line(other) or inside)


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


def _as_taken(origin: Origin, proofs: Sequence[HypothesisTest]) -> Origin:
    """With the name of the value that came in at this line and that the proven factor takes away, or its generator."""
    proven = next((proof.hypothesis for proof in proofs if proof.proven), None)
    here = [one for one in origin.before if one.source.same_line(origin.source)]
    taken = next((one for one in here if proven and proven.cause in causes_of(one.name)), None)
    if taken:
        return replace(origin, name=taken.name)
    taker = next((one for one in here if one.generator), None)
    if taker is None or proven is None or proven.factor != "entropy":
        return origin
    return replace(origin, generator=taker.generator, seeded=taker.seeded)
