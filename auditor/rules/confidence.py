"""How sure clean runs make us. Clean repeats do not prove determinism; they bound the rate of a fault."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import JsonValue

from ..manifest import Reading
from .readings import processes

DOUBT = 0.05
"""One minus the confidence of every bound; also how improbable luck must be before a cure counts."""
MOST_PROCESSES = 8
"""Processes that one arm of an ask may cost; a cure that needs more stays `not proven`."""


def rate_bound_95(runs: int) -> float | None:
    """
    The upper 95 % bound on the rate of differing from the first, after `runs` agreeing runs; None for fewer than two.

    R agreeing runs are R-1 trials, not R(R-1)/2 pairs: 0.95 for 2 runs, 0.78 for 3, 0.15 for 20, 0.02 for 150.
    """
    return None if runs < 2 else 1 - DOUBT ** (1 / (runs - 1))


def clean_runs_needed(rate: float) -> int:
    """How many clean runs under a cure make luck improbable, given the rate of differing without it."""
    return 1 if rate >= 1 else max(1, math.ceil(round(math.log(DOUBT) / math.log(1 - rate), 9)))


def processes_needed(clean_runs: int, runs_per_process: int) -> int:
    """Processes for an arm, bounded."""
    return min(MOST_PROCESSES, max(1, math.ceil(clean_runs / max(1, runs_per_process))))


def evidence(base: Sequence[Reading]) -> dict[str, JsonValue]:
    """How much was measured, for a finding's evidence."""
    bound = rate_bound_95(len(base))
    return {
        "readings": len(base),
        "processes": processes(base),
        "rate_bound_95": None if bound is None else round(bound, 4).hex(),
    }
