"""
Tests hypotheses by runs under their factors: `search` says which are made and what they prove, a bench makes them.

Nothing here decides. The runs of the baseline search are the first runs without any factor; the outcome of the search
becomes, for each hypothesis, what users read of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Proof, ProofRun, TriedFactor, ValueRuns
from ..runs.budget import Budget
from .baseline_run import BaselineSearch, Runner
from .bench import ExperimentBench
from .interventions import Hypothesis
from .labels import Labels
from .run_pair import RunPair
from .search import LEVEL, CauseSearch
from .search_model import Choice, Factor, Outcome, Tested
from .stake import ArmRun

STILL_ENTERS = "it fixes a value that was read, but what comes in from Python still differs: it alone is not the cause"
CONSISTENT = 10.0
"""The stake from which an unproven hypothesis is told as consistent with the runs."""
RESIDUAL_DOUBT = 0.05
"""One minus the confidence of the rate that may be left under a proven factor."""


@dataclass(frozen=True)
class HypothesisTest:
    """The test of one hypothesis."""

    hypothesis: Hypothesis
    tried: TriedFactor
    proof: Proof | None = None
    seconds: tuple[float, ...] = ()
    left: RunPair | None = None
    """Two runs under the proven factor that still differ, because another difference begins."""

    still_enters: bool = False
    """Whether under the proven factor different values still came in where the origin's value enters a framework."""

    @property
    def proven(self) -> bool:
        """Whether it is proven that the origin vanishes under the factor."""
        return self.proof is not None

    @property
    def demoted(self) -> HypothesisTest:
        """The same without its proof, where the origin is not what differs."""
        return HypothesisTest(self.hypothesis, self.tried.model_copy(update={"note": STILL_ENTERS}))


@dataclass(frozen=True)
class Tests:
    """The tests of all hypotheses at one origin."""

    each: tuple[HypothesisTest, ...] = ()
    notes: tuple[str, ...] = ()
    outside: bool = False
    """Whether the origin shows with every factor on."""
    undecided: bool = False
    """Whether the budget ended, or we were told to stop, before every hypothesis was decided or one was proven."""
    complete: bool = True
    """Whether every hypothesis was tried."""
    beneath: HypothesisTest | None = None
    """One that removes the origin, a value taken from outside, and not what comes in: the cause lies beneath it."""
    level: float = 0.0
    """What is left of the level."""

    @property
    def proven(self) -> HypothesisTest | None:
        """The one that is proven, if any."""
        return next((one for one in self.each if one.proven), None)

    @property
    def rejected(self) -> list[TriedFactor]:
        """What was tried and not proven."""
        return [one.tried for one in self.each if not one.proven]


def explain(
    make: Runner,
    tried: Sequence[Hypothesis],
    found: BaselineSearch,
    budget: Budget,
    *,
    level: float = LEVEL,
    coin: Choice | None = None,
    labels: Labels | None = None,
) -> Tests:
    """
    The tests of these hypotheses at the origin of `found`, within the budget.

    `labels` tell results apart; by default by the origin. `level` bounds the probability that any false one is proven.
    `coin` is for tests; without it the system's entropy draws the arms. If we are told to stop meanwhile, the tests so
    far are returned, and the budget allows no more runs.
    """
    labels = labels or Labels(found.base, found.origin)
    off = [label for run in found.runs if (label := labels.of(run, {})) is not None]
    if len(set(off)) < 2 or not tried:
        return Tests()
    bench = ExperimentBench(make, labels, budget, [run.seconds for run in found.runs])
    factors = [Factor(one.factor, one.values) for one in tried]
    search = CauseSearch(factors, bench, off, level, **({"coin": coin} if coin else {}))
    try:
        outcome = search.run()
    except KeyboardInterrupt:
        budget.stop()
        outcome = search.so_far()
    each = [_told(one, told, bench) for one, told in zip(tried, outcome.tested, strict=True)]
    told = tuple(one for one in each if one)
    notes = tuple(_notes(tried, outcome, bench))
    undecided = _is_undecided(outcome, budget)
    number = outcome.proven if outcome.beneath is None else outcome.beneath
    top = each[number] if number is not None else None
    beneath = top if top and (outcome.beneath is not None or top.still_enters) else None
    complete = len(told) == len(tried)
    return Tests(told, notes, outcome.outside, undecided, complete=complete, beneath=beneath, level=outcome.level)


def _is_undecided(outcome: Outcome, budget: Budget) -> bool:
    proven = outcome.proven is not None or outcome.together
    open_ = any(one.state in {"untried", "open"} for one in outcome.tested)
    return open_ and not proven and not outcome.outside and not budget.left


def _told(hypothesis: Hypothesis, tested: Tested, bench: ExperimentBench) -> HypothesisTest | None:
    """What is told of one hypothesis; None of one that no run was made for."""
    proven = tested.state in {"proven", "switch"}
    if tested.state == "untried":
        return None
    tried = TriedFactor(
        factor=hypothesis.factor,
        settings=hypothesis.settings,
        runs=tested.under,
        diverged={"refuted": True, "unusable": None}.get(tested.state, False),
        without=tested.without,
        shown=tested.shown,
        stake=round(tested.stake, 3),
        note=tested.note or ("" if proven or tested.state == "refuted" else _open(tested, bench.budget)),
    )
    if not proven:
        return HypothesisTest(hypothesis, tried)
    left, enters = bench.labels.left_under(hypothesis.values), bench.labels.still_enters(hypothesis.values)
    return HypothesisTest(hypothesis, tried, _proof(hypothesis, tested), bench.took(hypothesis.settings), left, enters)


def _proof(hypothesis: Hypothesis, tested: Tested) -> Proof:
    return Proof(
        factor=hypothesis.factor,
        settings=hypothesis.settings,
        clean=tested.under,
        without=tested.without,
        shown=tested.shown,
        values=tested.values,
        switch=[
            ValueRuns(settings=hypothesis.values[value], runs=runs) for value, runs in sorted(tested.switched.items())
        ],
        tried_values=[
            one for number, one in enumerate(hypothesis.values) if number in {run.arm for run in tested.runs}
        ],
        runs=[_of_run(hypothesis, one) for one in tested.runs],
        stake=round(tested.stake, 3),
        level=tested.share,
        residual_95=1 - RESIDUAL_DOUBT ** (1 / max(1, tested.under)),
        names_cause=hypothesis.names_cause,
    )


def _of_run(hypothesis: Hypothesis, one: ArmRun) -> ProofRun:
    settings = {} if one.arm is None else hypothesis.values[one.arm]
    return ProofRun(settings=settings, drawn=one.drawn, differs=one.shows, result=one.label)


def _open(tested: Tested, budget: Budget) -> str:
    counts = f"0 of {tested.under} runs with it differ, {tested.shown} of {tested.without} without"
    if budget.stopped:
        return f"consistent with it so far, not proven: {counts}"
    if tested.stake >= CONSISTENT:
        return f"consistent with it, not proven: {counts}; a larger --budget would probably decide"
    return f"the budget ended before it was decided: {counts}" if tested.without else "not decided"


def _notes(tried: Sequence[Hypothesis], outcome: Outcome, bench: ExperimentBench) -> list[str]:
    named = ", ".join(dict.fromkeys(one.factor for one in tried))
    if outcome.outside:
        return [f"the divergence shows with all of these fixed at once, so that none of them removes it: {named}"]
    if outcome.together:
        return [f"the divergence vanishes with all of these fixed at once, and with none of those tried alone: {named}"]
    untried = [one.factor for one, told in zip(tried, outcome.tested, strict=True) if told.state == "untried"]
    if outcome.proven is None and untried and not bench.left:
        ended = "the replay was interrupted" if bench.budget.stopped else "the budget of runs or time ended"
        return [f"{ended} before these were tried: {', '.join(dict.fromkeys(untried))}"]
    return []
