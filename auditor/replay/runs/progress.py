"""What a person reads while a replay runs: which run of how many, what it tries, and how long it still takes."""

from __future__ import annotations

import time

from .budget import OR_RUNS, SECONDS, Budget

MINUTE = 60.0
FEW_SECONDS = 90.0
"""Below it a duration is told in seconds."""
STEP_SECONDS = 10
"""A duration in seconds is told in steps of so many."""
LEAST_TOLD_SECONDS = 5.0
"""No time left is told below it."""


def run_line(number: int, purpose: str, baseline: int, budget: Budget) -> str:
    """The line before a run; `baseline` is the number of baseline runs."""
    last = budget.last
    if last is None and number <= baseline:
        left = (baseline - number + 1) * budget.typical
        return f"run {number} of {baseline}: {purpose}{_left(left)}"
    if last is None or number > last:  # what is asked for beside the search, or the line of a proven cause
        return f"run {number}: {purpose}"
    return f"run {number} of at most {last}: {purpose}{_left(budget.seconds_left or 0.0, 'at most ')}"


def _left(seconds: float, bound: str = "") -> str:
    return f"; {bound}about {duration(seconds)} left" if seconds >= LEAST_TOLD_SECONDS else ""


def duration(seconds: float) -> str:
    """A duration as people say it: "40 s", "3 min"."""
    if seconds >= FEW_SECONDS:
        return f"{seconds / MINUTE:.0f} min"
    return f"{max(STEP_SECONDS, round(seconds / STEP_SECONDS) * STEP_SECONDS)} s"


def moment(seconds_from_now: float) -> str:
    """The time of day then, as a clock on the wall shows it; with the date if that is another day."""
    now = time.time()
    then = time.localtime(now + seconds_from_now)
    today = then[:3] == time.localtime(now)[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", then)


def long_search(seconds: float, baseline: int, budget: Budget) -> str:
    """After a first run of so many seconds: how long the search may take, if that is longer than the default; or ""."""
    allowed = budget.allowed([seconds])
    if budget.seconds is not None or allowed <= SECONDS:
        return ""
    end = (baseline - 1) * seconds + allowed
    return (
        f"a run takes {duration(seconds)}: if the runs differ, looking for the cause may take the time of {OR_RUNS}"
        f" runs ({duration(allowed)}), until about {moment(end)}; --budget-minutes sets another limit"
    )


def search_plan(budget: Budget, allowed: float) -> str:
    """What the search for the cause may take from now on."""
    expected = min(allowed, budget.runs * budget.typical)
    ends = expected + budget.typical  # a run that began in time is not cut off
    runs = "1 run" if budget.runs == 1 else f"{budget.runs} runs"
    return f"looking for the cause: up to {runs}, about {duration(expected)}, ends by {moment(ends + MINUTE / 2)}"
