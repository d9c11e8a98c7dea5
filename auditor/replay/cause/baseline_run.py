"""
The baseline run of a divergence, the divergence rate, and the origin.

A rare event may hit the very first run, from which all others then differ. So all runs are compared with each other;
the baseline is the run from which the fewest differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from ...confidence import DOUBT
from ..provenance.origin_model import Origin
from ..runs.budget import Budget
from ..runs.run import Run
from .run_pair import compare_runs

Runner = Callable[[Mapping[str, str], str], Run]
"""Runs the experiment once: (settings, purpose of the run for the progress display)."""
MOST_SEARCHES = 8
"""Limit of the runs in the detail tier until the divergence occurs again."""
MOST_IF_ALWAYS = 4
"""The same, where every run without details gave a result of its own: then details hide it."""
ENOUGH = 2
"""Divergent runs after which the search stops."""


@dataclass(frozen=True)
class DivergenceCount:
    """How often a divergence occurred without any factor."""

    trials: int = 0
    """Runs that were compared with the baseline."""
    shown: int = 0

    @property
    def always(self) -> bool:
        """Whether each run gave a result of its own."""
        return bool(self.trials) and self.shown == self.trials

    @property
    def rate(self) -> float:
        """Divergence rate: divergent runs / all runs, counting the baseline as agreeing."""
        return self.shown / (self.trials + 1)

    def __add__(self, other: DivergenceCount) -> DivergenceCount:
        """The sum of both counts."""
        return DivergenceCount(self.trials + other.trials, self.shown + other.shown)

    def p_value(self, clean: int) -> float:
        """
        The p-value of this many clean runs under a factor that has no effect.

        Fisher's exact test, one-sided: without an effect, the divergent runs are equally likely under the factor.
        """
        return math.comb(self.trials - self.shown + clean, clean) / math.comb(self.trials + clean, clean)


@dataclass(frozen=True)
class BaselineSearch:
    """The baseline run, and where other runs diverge from it."""

    base: Run
    """The baseline run."""
    origin: Origin | None
    """Where another run diverges from it; None if no recorded step differs."""
    seen: DivergenceCount
    runs: tuple[Run, ...] = ()
    """Its runs, none of them under a factor."""

    @property
    def seconds(self) -> tuple[float, ...]:
        """Seconds of its runs."""
        return tuple(run.seconds for run in self.runs)


@dataclass
class _Candidate:
    """One run compared with all others."""

    index: int
    agreeing: list[int] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, int]:
        """Least for the baseline: comparable with the most runs, and the fewest of them differ."""
        return -len(self.agreeing) - len(self.differing), len(self.differing)

    @property
    def seen(self) -> DivergenceCount:
        return DivergenceCount(len(self.agreeing) + len(self.differing), len(self.differing))


def _baseline(runs: Sequence[Run]) -> _Candidate:
    candidates = [_Candidate(index) for index in range(len(runs))]
    for one, other in combinations(candidates, 2):
        compared = compare_runs(runs[one.index], runs[other.index], search=False)
        if compared.conclusive:
            (one.differing if compared.differs else one.agreeing).append(other.index)
            (other.differing if compared.differs else other.agreeing).append(one.index)
    return min(candidates, key=lambda candidate: candidate.order)


def first_seen(runs: Sequence[Run]) -> BaselineSearch:
    """The baseline among these runs, how many differ from it, and where, as far as runs without details tell."""
    chosen = _baseline(runs)
    return BaselineSearch(runs[chosen.index], _origin(runs, chosen), chosen.seen, tuple(runs))


def after_details(found: BaselineSearch) -> BaselineSearch:
    """
    What the runs without details showed, after a search in the detail tier found nothing.

    These runs are counted elsewhere. The runs of that search count as clean, unless recording details hides the event.
    """
    hidden = found.seen.p_value(MOST_SEARCHES) <= DOUBT
    clean = DivergenceCount() if hidden else DivergenceCount(MOST_SEARCHES)
    return replace(found, seen=clean)


def _origin(runs: Sequence[Run], chosen: _Candidate) -> Origin | None:
    found = (compare_runs(runs[chosen.index], runs[other], search=True).origin for other in chosen.differing)
    return next(filter(None, found), None)


def search(run: Runner, budget: Budget, *, always: bool = False) -> BaselineSearch | None:
    """
    Run the experiment until it diverges, twice if that is soon; None if it does not diverge.

    Once is enough where it `always` diverged so far (each run gave a result of its own), or where no record differs, so
    that details say nothing.
    """
    enough = 1 if always else ENOUGH
    most = MOST_IF_ALWAYS if always else MOST_SEARCHES
    runs = [run({}, "with details, to find where it begins")]
    shown = 0
    for number in range(most):
        if not budget.left:
            break
        runs.append(run({}, f"with details, {number + 2}"))
        compared = compare_runs(runs[0], runs[-1], search=False)
        differs = compared.conclusive and compared.differs
        shown += differs
        if shown and (shown >= enough or number >= ENOUGH):
            break
        if differs and compare_runs(runs[0], runs[-1], search=True).origin is None:
            break
    if not shown:
        return None
    chosen = _baseline(runs)
    return BaselineSearch(runs[chosen.index], _origin(runs, chosen), chosen.seen, tuple(runs))
