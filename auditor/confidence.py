"""Confidence bounds from agreeing runs; shared by rules, replay and remedy."""

from __future__ import annotations

import math

DOUBT = 0.05
"""1 - confidence of every bound; also the largest chance with which a cure may look effective by luck."""


def rate_bound_95(runs: int) -> float | None:
    """
    The upper 95 % bound on the divergence rate after `runs` agreeing runs; None for fewer than two.

    R agreeing runs are R-1 trials against the first run, not R(R-1)/2 pairs: 0.95 for 2 runs, 0.78 for 3, 0.15 for 20,
    0.02 for 150.
    """
    return None if runs < 2 else 1 - DOUBT ** (1 / (runs - 1))


def clean_runs_needed(rate: float) -> int:
    """How many agreeing runs under a cure are significant, given the divergence rate without it."""
    return 1 if rate >= 1 else max(1, math.ceil(round(math.log(DOUBT) / math.log(1 - rate), 9)))
