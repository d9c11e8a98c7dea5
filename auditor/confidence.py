"""Confidence bounds from agreeing runs; shared by rules, replay and remedy."""

from __future__ import annotations

import math

DOUBT = 0.05
"""1 - confidence of every bound; also the largest chance with which a cure may look effective by luck."""
BOUND_PRECISION = 1e-9


def rate_bound_95(runs: int) -> float | None:
    """
    The upper 95 % bound on the divergence rate after `runs` agreeing runs; None for fewer than two.

    R agreeing runs are R-1 trials against the first run, not R(R-1)/2 pairs: 0.95 for 2 runs, 0.78 for 3, 0.15 for 20,
    0.02 for 150.
    """
    return None if runs < 2 else 1 - DOUBT ** (1 / (runs - 1))


def clean_runs_needed(rate: float, doubt: float = DOUBT) -> int:
    """How many agreeing runs under a cure are significant, given the divergence rate without it; above 0."""
    return 1 if rate >= 1 else max(1, math.ceil(round(math.log(doubt) / math.log1p(-rate), 9)))


def rate_lower_95(divergent: int, trials: int) -> float:
    """
    The lower 95 % bound (one-sided, Clopper-Pearson) on the rate of `divergent` of `trials`; 0 for none.

    The largest rate under which so many or more divergent trials have a probability of at most 5 %, to 1e-9.
    """
    low, high = 0.0, divergent / trials if trials else 0.0
    while high - low > BOUND_PRECISION:
        middle = (low + high) / 2
        if _at_least(divergent, trials, middle) <= DOUBT:
            low = middle
        else:
            high = middle
    return low


def _at_least(divergent: int, trials: int, rate: float) -> float:
    """The probability of at least so many divergent trials."""
    return sum(
        math.comb(trials, count) * rate**count * (1 - rate) ** (trials - count)
        for count in range(divergent, trials + 1)
    )
