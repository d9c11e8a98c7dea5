"""
Runs until a divergence shows again: which of them is the usual one, how often others differ from it, and where.

A rare event may strike the very first run, from which all others then differ. So runs are held against each other, and
the one from which the fewest differ stands for the program as it usually is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ...confidence import DOUBT
from ..provenance.origin_model import Origin
from ..runs.run import Run
from .run_pair import compare_runs

Runner = Callable[[Mapping[str, str], str], Run]
"""Runs the experiment once: settings, and a text for people of what this run is for."""
MOST_SEARCHES = 8
"""Runs in the detail tier until a divergence that the base runs showed shows again."""
ENOUGH = 2
"""Divergences after which no more runs are made."""


@dataclass(frozen=True)
class DivergenceCount:
    """How often a divergence showed without any factor."""

    trials: int = 0
    """Runs that were held against the usual one."""
    shown: int = 0

    @property
    def rate(self) -> float:
        """The share of runs, the usual one among them, that differ from it."""
        return self.shown / (self.trials + 1)

    def __add__(self, other: DivergenceCount) -> DivergenceCount:
        """Both together."""
        return DivergenceCount(self.trials + other.trials, self.shown + other.shown)

    def luck(self, clean: int) -> float:
        """
        How probable it is that a factor without any effect gave so many clean runs (count), of all that were made.

        Fisher's exact test, one-sided: the runs that differ could as well have been among those under the factor.
        """
        return math.comb(self.trials - self.shown + clean, clean) / math.comb(self.trials + clean, clean)


@dataclass(frozen=True)
class BaselineSearch:
    """What a search found."""

    base: Run
    """The usual run."""
    origin: Origin | None
    """Where another one parts from it; None where no recorded step does."""
    seen: DivergenceCount
    seconds: tuple[float, ...] = ()
    """What its runs took, none of them under a factor."""


@dataclass
class _Standing:
    """How one run stands to the others."""

    index: int
    alike: list[int] = field(default_factory=list)
    apart: list[int] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, int]:
        """Least for the usual run: it can be held against the most others, and the fewest differ from it."""
        return -len(self.alike) - len(self.apart), len(self.apart)

    @property
    def seen(self) -> DivergenceCount:
        return DivergenceCount(len(self.alike) + len(self.apart), len(self.apart))


def _usual(runs: Sequence[Run]) -> _Standing:
    standings = [_Standing(index) for index in range(len(runs))]
    for one, other in combinations(standings, 2):
        compared = compare_runs(runs[one.index], runs[other.index], search=False)
        if compared.tells:
            (one.apart if compared.differs else one.alike).append(other.index)
            (other.apart if compared.differs else other.alike).append(one.index)
    return min(standings, key=lambda standing: standing.order)


def seen_in(runs: Sequence[Run]) -> DivergenceCount:
    """How often runs that were made anyway differ."""
    return _usual(runs).seen


def among(runs: Sequence[Run]) -> BaselineSearch:
    """
    What runs that diverged already show, after a search that has found nothing.

    They are counted already. The runs of that search count beside them, unless it is clear that details hide it.
    """
    chosen = _usual(runs)
    hidden = chosen.seen.luck(MOST_SEARCHES) <= DOUBT
    silent = DivergenceCount() if hidden else DivergenceCount(MOST_SEARCHES)
    return BaselineSearch(runs[chosen.index], _origin(runs, chosen), silent, tuple(one.seconds for one in runs))


def _origin(runs: Sequence[Run], chosen: _Standing) -> Origin | None:
    found = (compare_runs(runs[chosen.index], runs[other], search=True).origin for other in chosen.apart)
    return next(filter(None, found), None)


def search(run: Runner) -> BaselineSearch | None:
    """Run the experiment until it diverges, twice if that is soon; None if it does not."""
    runs = [run({}, "with details, to find where it begins")]
    shown = 0
    for number in range(MOST_SEARCHES):
        runs.append(run({}, f"with details, {number + 2}"))
        compared = compare_runs(runs[0], runs[-1], search=False)
        shown += compared.tells and compared.differs
        if shown and (shown >= ENOUGH or number >= ENOUGH):
            break
    if not shown:
        return None
    chosen = _usual(runs)
    return BaselineSearch(runs[chosen.index], _origin(runs, chosen), chosen.seen, tuple(one.seconds for one in runs))
