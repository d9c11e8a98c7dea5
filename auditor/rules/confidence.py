"""Confidence from agreeing readings: they do not prove determinism, but bound the divergence rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import JsonValue

from ..confidence import rate_bound_95
from ..manifest.models import Reading
from .readings import processes

MOST_PROCESSES = 8
"""Largest number of processes of one requested arm; a cure that needs more stays `not proven`."""


def processes_needed(clean_runs: int, runs_per_process: int) -> int:
    """The number of processes for an arm, at most `MOST_PROCESSES`."""
    return min(MOST_PROCESSES, max(1, math.ceil(clean_runs / max(1, runs_per_process))))


def evidence(base: Sequence[Reading]) -> dict[str, JsonValue]:
    """The numbers of readings and processes and the rate bound, for a finding's evidence."""
    bound = rate_bound_95(len(base))
    return {
        "readings": len(base),
        "processes": processes(base),
        "rate_bound_95": None if bound is None else round(bound, 4).hex(),
    }
