"""The metric that the user named, read from what the runs printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import UsageError
from ..model import Spread
from ..runs.run import Run

MOST_BYTES = 64 * 1024 * 1024
"""Limit of the output that is searched."""


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, whose first group is the number. Raises UsageError for an invalid one."""
    try:
        found = re.compile(pattern)
    except re.error as problem:
        raise UsageError(
            f"--metric is not a regular expression: {problem}", "For example: 'loss=([0-9.]+)'."
        ) from problem
    if found.groups < 1:
        raise UsageError("--metric has no group", "Put the number into parentheses, for example 'loss=([0-9.]+)'.")
    return found


def spread(pattern: str, repeats: Sequence[Run], seeds: Sequence[Run]) -> Spread:
    """The metric over the baseline runs, and over runs with other seeds."""
    return Spread(pattern=pattern, repeats=values(pattern, repeats), seeds=values(pattern, seeds))


def values(pattern: str, runs: Sequence[Run]) -> list[float]:
    """The last match in each run's stdout, as a number; runs without one are left out."""
    found = []
    for run in runs:
        with run.stdout.path.open("rb") as printed:
            matches = compiled(pattern).findall(printed.read(MOST_BYTES).decode("utf-8", "replace"))
        text = matches[-1] if matches else ""
        text = text[0] if isinstance(text, tuple) else text
        try:
            found.append(float(text))
        except ValueError:
            continue
    return found
