"""The prediction interval for a reported mean, and the shifts that it would show. The rule's docstring derives it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import distributions, spread
from .reported import Stated

LEAST_POWER = 0.8
MOST_NEEDED = 10_000
"""More runs are not proposed."""


@dataclass(frozen=True)
class Interval:
    """What decides its width. Lengths are in the metric's unit."""

    runs: int
    """Of ours."""
    reported_runs: int
    pooled: float
    """The pooled standard deviation of a run, with the largest reported spread that rounds to its digits."""
    noise: float
    """The standard deviation under which power is computed: the larger one of the reported and of the pooled one."""
    shift: float
    """One reported standard deviation; one of our runs where none is reported."""
    wider: float
    """How much larger `pooled` is than it is without the rounding of the reported spread."""
    slack: float
    """Half a unit of the last digit of the reported mean."""
    reported_freedom: float
    """Degrees of freedom of the reported standard deviation; 0 where none is reported."""

    @property
    def _freedom(self) -> float:
        return self.reported_freedom + self.runs - 1

    @property
    def _noise_of_means(self) -> float:
        """The standard deviation of the difference of both means, in units of that of a run."""
        return math.sqrt(1 / self.runs + 1 / self.reported_runs)

    @property
    def half_width(self) -> float:
        """Half the width of the interval around the mean of our runs."""
        return distributions.t_quantile(self._freedom) * self.pooled * self._noise_of_means + self.slack

    def power(self, shift: float) -> float:
        """The probability that the interval shows a shift of the mean."""
        noise = self._noise_of_means
        threshold = distributions.t_quantile(self._freedom) * noise * self.wider
        return distributions.power(shift / self.noise, noise, self._freedom, threshold, self.slack / self.noise)

    @property
    def visible(self) -> float:
        """The smallest shift that it shows with a power of 80 %."""
        low, high = 0.0, 2 * (self.half_width + 10 * self.noise)
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.power(middle) < LEAST_POWER else (low, middle)
        return high

    @property
    def needed(self) -> int | None:
        """Runs with which it would show one reported standard deviation; None if `MOST_NEEDED` would not suffice."""
        low, high = self.runs, MOST_NEEDED
        if not self._suffices(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._suffices(middle) else (middle, high)
        return high

    def _suffices(self, runs: int) -> bool:
        return replace(self, runs=runs).power(self.shift) >= LEAST_POWER


def interval(stated: Stated, values: Sequence[float]) -> Interval | None:
    """The interval of these runs; None where neither they nor the report tell how much a run varies."""
    reported, own = spread.reported(stated), spread.own(values)
    known = [one for one in (reported, own) if one is not None]
    pooled, most = (_pooled([(getattr(one, name), one.freedom) for one in known]) for name in ("value", "most"))
    shift = reported.value or reported.most if reported else pooled
    noise = max(shift, pooled)
    if not known or noise == 0:
        return None
    return Interval(
        runs=len(values),
        reported_runs=stated.runs,
        pooled=most,
        noise=noise,
        shift=shift,
        wider=most / pooled if pooled else 1.0,
        slack=float(stated.mean.half),
        reported_freedom=reported.freedom if reported else 0.0,
    )


def _pooled(deviations: Sequence[tuple[float, float]]) -> float:
    """The root of the mean variance, weighted by degrees of freedom."""
    freedom = sum(weight for _, weight in deviations)
    return math.sqrt(sum(weight * value * value for value, weight in deviations) / freedom) if freedom else 0.0
