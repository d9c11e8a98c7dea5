"""Facts that a run's whole trace gives."""

from __future__ import annotations

from ..trace.archive import open_trace
from ..trace.format import NAMES
from ..trace.frameworks import framework_of
from .run import Run

MOST_NAMES = 10_000
"""Limit for one stream."""


def is_concurrent(run: Run, lineage: str) -> bool:
    """Whether this process had tasks beside its main thread: threads, tasks of pools."""
    with open_trace(run.folder) as trace:
        return len(trace.of_process(lineage)) > 1


def frameworks_of(run: Run) -> frozenset[str]:
    """The frameworks whose operations the run recorded."""
    with open_trace(run.folder) as trace:
        return frozenset(
            framework_of(stream.text(NAMES, number))
            for stream in trace.streams.values()
            for number in range(1, min(len(stream.structure.tables[NAMES]), MOST_NAMES) + 1)
        )
