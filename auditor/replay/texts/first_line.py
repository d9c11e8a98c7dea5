"""The first line of stdout that differs between runs, whatever differs in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from ..model import DifferingText
from ..runs.run import Run
from .pieces import lines_of


def first_line(runs: Sequence[Run]) -> list[DifferingText]:
    """The first line in which another run's stdout differs from the first run's; none if they agree or are no text."""
    other = next((run for run in runs[1:] if run.stdout.sha256 != runs[0].stdout.sha256), None)
    if other is None:
        return []
    first, second = (lines_of(run.stdout.path) for run in (runs[0], other))
    if first is None or second is None:
        return []
    for one, two in zip_longest(first, second):
        texts = [line.text if line else "" for line in (one, two)]
        if texts[0] != texts[1]:
            number = (one or two).number
            return [DifferingText(stream="stdout", line=number, first=texts[0], second=texts[1])]
    return []
