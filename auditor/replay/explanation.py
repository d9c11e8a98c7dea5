"""
Explains a divergence: finds its origin, tests hypotheses about its cause, measures it, and writes a reproducer.

Each step takes what it needs from the steps before it as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import refined, result
from .cause import backtrack, by_statement, data_cache, inside_region, outside_state
from .cause.baseline_run import BaselineSearch, after_details, search
from .cause.by_statement import Explanation
from .cause.counterfactual import HypothesisTest, Tests, explain
from .cause.hypotheses import of_run
from .cause.inside_region import EvaluatedOperation, RegionEvaluation
from .cause.interventions import Hypothesis
from .cause.vanished import Decision, decide
from .evidence import reproducer
from .evidence.kept import KeptOperation
from .model import Cause, Divergence, Reproducer, SuggestedCure, Vanished
from .provenance.origin_model import Origin
from .runs.run import Run
from .runs.runner import ExperimentRunner
from .trace.format import SourceLine
from .trace.frameworks import framework_of

HIDDEN = (
    "the divergence did not show in {} runs with details, which are slower: it is rare, or recording hides it; the"
    " first step that differs is that of the runs without details, where inputs are not recorded"
)
ONLY_FIRST = (
    "the search for the cause ended before it had found where the difference begins: the first step that differs is"
    " that of the runs without details, where inputs are not recorded"
)
NO_DETAILS = (
    "the budget allows no two runs with details: the first step that differs is that of the runs without details, where"
    " inputs are not recorded"
)

FIXED = "all runs that tell the cause had {} too, which alone does not make equal what comes in"
NOT_DECIDED = Decision()


@dataclass(frozen=True)
class Explained:
    """What is known about a divergence."""

    divergence: Divergence | None = None
    remedy: SuggestedCure | None = None
    reproducer: Reproducer | None = None
    notes: tuple[str, ...] = ()
    """What limits the explanation."""
    undecided: bool = False
    """Whether the budget ended before every hypothesis was decided, or one was proven."""
    vanished: tuple[Vanished, ...] = ()
    """The differences, if none of them reaches anything: then the runs are identical."""


@dataclass(frozen=True)
class _Tested:
    """The origin and the tests of its hypotheses, with the operation that later runs keep, if it can be kept."""

    explanation: Explanation
    kept: KeptOperation | None = None
    notes: tuple[str, ...] = ()
    decision: Decision = NOT_DECIDED
    """Whether the difference reaches anything."""


def told_of(explanation: Explanation, *, advice: str = "", made: SourceLine | None = None) -> Explained:
    """
    What is told of an origin and the tests of its hypotheses; `advice` is the cure where none is proven.

    `made` is the statement that made what differs, where that is known already.
    """
    found, tests = explanation.found, explanation.tests
    origin, proven, rejected = found.origin, tests.proven, tests.rejected
    because = outside_state.shown(tests, origin)
    divergence = (
        result.divergence(found.base, origin, proven, rejected, because=because)
        if origin
        else result.of_output(proven, rejected, because)
    )
    if made is not None:
        divergence = refined.traced_back(divergence, made)
    advice = advice or (outside_state.ADVICE if divergence.because else "")
    return Explained(
        divergence,
        result.remedy(proven, origin, found.base, found.seconds, rejected, advice=advice),
        notes=(*explanation.notes, *tests.notes),
        undecided=tests.undecided,
    )


class DivergenceExplainer:
    """
    Explains one divergence with further runs. All of its state is set here.

    `first` is what the baseline runs showed.
    """

    def __init__(
        self, runs: ExperimentRunner, first: BaselineSearch, *, zoom: bool = True, target: Path | None = None
    ) -> None:
        self._runs, self._first, self._zoom, self._target = runs, first, zoom, target

    def steps(self) -> Iterator[Explained]:
        """
        What is known after each step; the last is everything that can be said.

        Raises KeyboardInterrupt when we are told to stop; what was yielded before stays true.
        """
        yield self._told(_Tested(Explanation(self._first, Tests()), notes=(ONLY_FIRST,)))
        tested = self._tested()
        if tested.decision.vanished:
            yield Explained(vanished=tested.decision.vanished)
            return
        told = self._told(tested)
        yield told
        if self._runs.budget.stopped:
            raise KeyboardInterrupt
        found, kept = tested.explanation.found, tested.kept
        base, origin, proven = found.base, found.origin, tested.explanation.tests.proven
        divergence = told.divergence
        if divergence is None:  # pragma: no cover - for mypy: `_told` always gives one
            return
        if kept and origin and origin.evidence != "draw-unseeded" and (measured := kept.distances()):
            divergence = refined.measured(divergence, measured)
            yield replace(told, divergence=divergence)
        if proven and origin and (made := backtrack.made_at(self._runs.by_statement, origin, proven.hypothesis)):
            divergence = refined.traced_back(divergence, made)
            yield replace(told, divergence=divergence)
        if origin:
            hypothesis = proven.hypothesis if proven else None
            divergence = refined.taken_inside(divergence, origin, hypothesis)
            divergence = refined.with_generator(divergence, origin, hypothesis)
        evaluated = self._evaluated(base, origin, kept)
        divergence = inside_region.with_evaluation(divergence, evaluated)
        told = replace(told, divergence=divergence)
        yield told
        step = evaluated.step if evaluated else None
        yield replace(told, reproducer=self._reproducer(base, origin, kept, step, divergence.cause))

    def _told(self, tested: _Tested) -> Explained:
        """The divergence with its cause and cure, before anything is measured."""
        told = told_of(tested.explanation)
        divergence = told.divergence and told.divergence.model_copy(update={"absorbed": tested.decision.absorbed})
        return replace(told, divergence=divergence, notes=(*tested.notes, *told.notes))

    def _tested(self) -> _Tested:
        """The origin and its cause: from runs with details, or from those without where the former do not diverge."""
        budget = self._runs.budget
        cached = data_cache.decided(self._runs.run, self._first, budget)
        if isinstance(cached, Explanation):
            return _Tested(cached)
        found = search(self._runs.detail, budget, always=self._first.seen.always) if budget.left > 1 else None
        if found is None:
            note = HIDDEN.format(budget.made) if budget.made > 1 else NO_DETAILS
            found = after_details(self._first)
            return _Tested(Explanation(found, explain(self._runs.run, _tried(found), found, budget)), notes=(note,))
        if found.origin is None or by_statement.is_unread(found.origin):
            return _Tested(by_statement.explain(self._runs.detail, self._runs.by_statement, found, budget))
        decision = decide(self._runs, self._first.runs, found.runs) if self._may_vanish(found.origin) else NOT_DECIDED
        if decision.vanished:
            return _Tested(Explanation(found, Tests()), decision=decision)
        kept = self._kept(found.origin)
        tests = explain(kept.detail if kept else self._runs.detail, _tried(found), found, budget)
        if tests.beneath:
            return self._beneath(found, tests, tests.beneath)
        return _Tested(Explanation(found, tests), kept, decision=decision)

    def _beneath(self, found: BaselineSearch, tests: Tests, top: HypothesisTest) -> _Tested:
        """
        What differs while a value that Python took from outside is fixed, which was thought to be the origin.

        The fixed value stays in all runs, with and without each further factor. The level of both searches is that of
        one replay.
        """
        fixed = top.hypothesis.settings
        rejected = tuple(one.demoted if one is top else one for one in tests.each)

        def run(settings: Mapping[str, str], purpose: str) -> Run:
            return self._runs.detail({**fixed, **settings}, purpose)

        budget = self._runs.budget
        deeper = search(run, budget, always=self._first.seen.always) if budget.left > 1 else None
        if deeper is None or deeper.origin is None:
            return _Tested(Explanation(found, replace(tests, each=rejected, undecided=not budget.left)))
        tried = [one for one in _tried(deeper) if one.factor != top.hypothesis.factor]
        more = explain(run, tried, deeper, budget, level=tests.level)
        told = ", ".join(f"{name}={value}" for name, value in fixed.items())
        return _Tested(Explanation(deeper, replace(more, each=(*rejected, *more.each))), notes=(FIXED.format(told),))

    def _may_vanish(self, origin: Origin) -> bool:
        """Whether nothing was seen to read what differs, and its operation can be called again."""
        unread = origin.reach is None or origin.reach.kind == "last"
        return unread and framework_of(origin.name) == "torch" and reproducer.can_be_kept(origin.name)

    def _kept(self, origin: Origin) -> KeptOperation | None:
        if not reproducer.can_be_kept(origin.name):
            return None
        key = origin.key
        operation: dict[str, str | int] = {
            "lineage": key.lineage,
            "ordinal": key.ordinal,
            "at": origin.at,
            "name": origin.name,
        }
        return KeptOperation(self._runs, operation)

    def _evaluated(self, base: Run, origin: Origin | None, kept: KeptOperation | None) -> RegionEvaluation | None:
        if origin is None or not self._zoom:
            return None
        return inside_region.evaluate(kept.zoomed if kept else self._zoomed, base, origin)

    def _zoomed(self, region: Mapping[str, str | int], purpose: str) -> Run:
        return self._runs.run({}, purpose, tier="detail", region=region)

    # -------------------------------------------------------------------------------------------------- reproducer

    def _reproducer(
        self,
        base: Run,
        origin: Origin | None,
        kept: KeptOperation | None,
        step: EvaluatedOperation | None,
        cause: Cause,
    ) -> Reproducer | None:
        if self._target is None:
            return None
        if origin and step and reproducer.can_be_kept(step.name):
            dump = self._inside(base, origin, step)
            origin = replace(origin, name=step.name, source=step.source)
        else:
            dump = kept.folder() if kept else None
        self._runs.announce("running the reproducer")
        return reproducer.make(self._target, origin, dump, self._runs.command, cause)

    def _inside(self, base: Run, origin: Origin, step: EvaluatedOperation) -> Path | None:
        """A folder with the inputs of an operation inside the region, kept while the region is evaluated."""
        region = inside_region.call_of(base, origin)
        if region is None:
            return None
        kept = KeptOperation(self._runs, {"lineage": origin.key.lineage, "ordinal": origin.key.ordinal, "at": step.at})
        kept.zoomed(region, f"with the inputs of {step.name} kept")
        return next(iter(kept.folders), None)


def _tried(found: BaselineSearch) -> list[Hypothesis]:
    return of_run(found.origin, found.base)
