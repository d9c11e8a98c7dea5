"""Makes the runs of a search for a cause: the experiment under chosen factors, labelled at the origin."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...factors.factors import PLACEBO
from ..runs.budget import Budget
from .baseline_run import Runner
from .labels import Key, Labels, key_of
from .stake import Label

WORTH = 1.25
"""Runs with and without a factor last equally long if none lasts more than so many times as long."""
MOST = 5.0
"""Limit of the ratio by which a run is slowed."""


@dataclass
class ExperimentBench:
    """A `search.Bench`: runs of the experiment. `plain` are the seconds of runs without any factor."""

    make: Runner
    labels: Labels
    budget: Budget
    plain: list[float]
    why: str = ""
    seconds: dict[Key, list[float]] = field(default_factory=dict)
    """Settings to the seconds of the runs under them that were not slowed."""

    @property
    def left(self) -> int:
        """How many runs the budget still allows."""
        return self.budget.left

    def run(self, settings: Mapping[str, str], purpose: str, beside: Mapping[str, str] | None = None) -> Label | None:
        """One run; see `search.Bench`. The arm that is faster is slowed to last as long as the other."""
        ratio = self._ratio(settings, beside)
        # Always set and always as wide: under fixed addresses, the size of the environment alone changes results.
        run = self.make({**settings, PLACEBO: f"{ratio:.2f}"}, purpose)
        if ratio == 1:
            (self.seconds.setdefault(key_of(settings), []) if settings else self.plain).append(run.seconds)
        label = self.labels.of(run, settings)
        self.why = self.labels.why
        return label

    def still_enters(self, values: Sequence[Mapping[str, str]]) -> bool:
        """See `search.Bench`."""
        return self.labels.still_enters(values)

    def took(self, settings: Mapping[str, str]) -> tuple[float, ...]:
        """Seconds of the runs under these settings that were not slowed."""
        return tuple(self.seconds.get(key_of(settings), ()))

    def _ratio(self, settings: Mapping[str, str], beside: Mapping[str, str] | None) -> float:
        """How many times as long this run shall take; 1 unless a coin drew its arm."""
        if beside is None:
            return 1.0
        under = self.took(beside)
        if not under or not self.plain:
            return 1.0
        longer = statistics.median(under) / max(statistics.median(self.plain), 1e-9)
        wanted = 1 / longer if settings else longer
        return min(wanted, MOST) if wanted > WORTH else 1.0
