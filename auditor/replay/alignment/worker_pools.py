"""
Child processes that share work out among themselves, as the workers of a pool do.

Which worker takes which task is chance, and no result depends on it. So where children differ from run to run, what
they did is held against each other as a whole: the same steps with the same bits, whoever made them. Ranks of a
distributed job are no such children; each has its own part.
"""

from __future__ import annotations

import json
from collections import Counter

from ..trace.archive import TaskKey, Trace
from ..trace.format import END, OUTSIDE
from ..trace.stream import Stream
from .events import Shared

MOST_STEPS = 2_000_000
"""Of one run; more are not held against each other, so that memory and time stay small."""


def interchangeable(first: Trace, second: Trace) -> frozenset[TaskKey]:
    """The streams of children that did the same in both runs as a whole; none if they did not, or nobody can say."""
    streams = [_of_children(trace) for trace in (first, second)]
    if any(sum(stream.blocks for stream in found.values()) > MOST_STEPS for found in streams):
        return frozenset()
    shared = Shared()
    if _steps(shared, streams[0]) != _steps(shared, streams[1]):
        return frozenset()
    return frozenset((*streams[0], *streams[1]))


def ended_by_parent(trace: Trace, key: TaskKey) -> bool:
    """Whether a stream is one of a child whose parent lived on and was recorded to its end."""
    parent = trace.streams.get(TaskKey(key.lineage.rpartition(".")[0], 0))
    return parent is not None and not parent.cut


def _of_children(trace: Trace) -> dict[TaskKey, Stream]:
    """Streams of processes that another recorded one has started and seen to its end, ranks left out."""
    ranks = {key.lineage for key, stream in trace.streams.items() if _is_rank(stream.process)}
    return {
        key: stream
        for key, stream in trace.streams.items()
        if ended_by_parent(trace, key) and not ranks & {*_line(key.lineage)}
    }


def _line(lineage: str) -> list[str]:
    """A process and those it descends from."""
    parts = lineage.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _is_rank(process: str) -> bool:
    try:
        told = json.loads(process or "{}")
    except ValueError:
        return True
    return not isinstance(told, dict) or bool(told.get("rank"))


def _steps(shared: Shared, streams: dict[TaskKey, Stream]) -> Counter[int]:
    """
    How often each step was made, in any order and by anyone.

    Ends are left out: whether a worker is ended by its pool or leaves by itself first is chance as well.
    """
    return Counter(
        hash((event.symbol, shared.content(stream, event)))
        for stream in streams.values()
        for event in shared.events(stream)
        if event.record.kind not in {END, OUTSIDE}
    )
