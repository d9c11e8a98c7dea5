"""
Explains a divergence of printed or written output alone: the outputs decide the cause, a statement is its place.

No recorded operation began it, so the runs are repeated with every statement of the user's files recorded. Recording
statements changes addresses and times, so the factors are tried without it first: one of them must make all outputs
equal. If two causes combine, no single factor can; then the factors are tried on each statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..provenance.origin_model import STATEMENTS, Origin
from ..runs.budget import Budget
from ..runs.run import Run
from ..trace.archive import open_trace
from ..trace.format import NAMES, OUTSIDE, STATEMENTS_END
from ..trace.frameworks import framework_of
from . import counterfactual
from .baseline_run import BaselineSearch, Runner, search
from .counterfactual import Tests
from .hypotheses import causes_of, is_why, of_run
from .interventions import Hypothesis
from .locate import placed
from .search import LEVEL


@dataclass(frozen=True)
class Explanation:
    """The origin and the tests of its hypotheses."""

    found: BaselineSearch
    """The run whose trace holds the origin, and the origin."""
    tests: Tests
    notes: tuple[str, ...] = ()
    """What limits the explanation."""


def is_unread(origin: Origin) -> bool:
    """
    Whether it is a value that entered Python and that no recorded step reads.

    An unused run id differs in each run as well. A seed's value comes from elsewhere.
    """
    gives_seed = origin.evidence == "outside" and origin.generator is not None and origin.seeded is None
    in_python = framework_of(origin.name) == "python" and origin.name not in STATEMENTS
    return origin.reach is None and (gives_seed or (in_python and origin.evidence in {"outside", "draw-unseeded"}))


def explain(detailed: Runner, by_statement: Runner, found: BaselineSearch, budget: Budget) -> Explanation:
    """
    The statement that began it, if one is found, and the tests of the hypotheses.

    `found` is a search among runs of `detailed` whose origin is None or unread. An unread origin is kept if the
    statement is the same, or if there is none and the proven cause fits that value. Two searches share the level.
    """
    unread, found = found.origin, replace(found, origin=None)
    traced = search(by_statement, budget, always=found.seen.always) if budget.left > 1 else None
    notes = tuple(_ends(traced.base)) if traced else ()
    statement = traced.origin if traced else None
    begins = statement is not None and statement.reach is not None
    if unread and statement and begins and not _is_same(unread, statement):
        unread = None
    tried = _hypotheses((unread, statement), traced.base if traced else found.base)  # statements show more tasks
    tests = counterfactual.explain(detailed, tried, found, budget, level=LEVEL / 2)
    proven = tests.proven.hypothesis if tests.proven else None
    kept, runs = unread if proven is None or (unread and is_why(unread, proven)) else None, found.runs
    if proven is None and traced and statement and budget.left:
        tests, runs = counterfactual.explain(by_statement, tried, traced, budget, level=LEVEL / 2), traced.runs
    elif not (
        traced and statement and begins
    ):  # the factor that makes outputs equal need not be the cause at that statement
        return Explanation(replace(found, origin=kept), tests, notes)
    if kept or not (traced and statement):
        return Explanation(replace(found, origin=kept, runs=runs), tests, notes)
    place = placed(by_statement, traced, proven) if proven else statement
    if place is None:
        return Explanation(found, tests, notes)
    return Explanation(replace(traced, origin=_as_taken(place, tests)), tests, notes)


def _hypotheses(origins: Sequence[Origin | None], run: Run) -> list[Hypothesis]:
    """The hypotheses of all these origins, each settings once; without an origin all of them."""
    tried: list[Hypothesis] = []
    for origin in [one for one in origins if one is not None] or (None,):
        known = [one.settings for one in tried]
        tried += [one for one in of_run(origin, run) if one.settings not in known]
    return tried


def _is_same(unread: Origin, statement: Origin) -> bool:
    """Whether the value was read while this statement ran, at its line or a later one of it, or in a child process."""
    if unread.key.lineage.startswith(f"{statement.key.lineage}."):
        return True  # a child's return value is not followed
    last = next(iter(statement.before), None)
    own, other = unread.source, statement.source
    at_last = last is not None and (last.name, last.source) == (unread.name, own)
    inside = at_last and own.line > other.line and (own.file, own.function) == (other.file, other.function)
    return unread.key == statement.key and (own.same_line(other) or inside)


def _ends(run: Run) -> Iterator[str]:
    """A note for each process in which the limit of recorded statements was reached."""
    with open_trace(run.folder) as trace:
        for key, stream in trace.streams.items():
            names = stream.structure.tables[NAMES]
            known = next(
                (number for number in range(len(names)) if stream.text(NAMES, number + 1) == STATEMENTS_END), None
            )
            if known is None:
                continue
            steps = next((one.extra for one in stream.records(names[known]) if one.kind == OUTSIDE), 0)
            yield f"statements of process {key.lineage} were recorded up to {steps} steps: a later origin has no line"


def _as_taken(origin: Origin, tests: Tests) -> Origin:
    """The origin, named after the external value at its line that the proven factor fixes, or with its generator."""
    proven = tests.proven.hypothesis if tests.proven else None
    here = [one for one in origin.before if one.source.same_line(origin.source)]
    taken = next((one for one in here if proven and proven.cause in causes_of(one.name)), None)
    if taken:
        return replace(origin, name=taken.name)
    taker = next((one for one in here if one.generator), None)
    if taker is None or proven is None or proven.factor != "entropy":
        return origin
    return replace(origin, generator=taker.generator, seeded=taker.seeded)
