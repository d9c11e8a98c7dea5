"""
Worker pools: child processes that divide work among themselves by chance.

No result depends on which worker takes which task. So if children differ from run to run, the steps of all of them
together are compared, whichever process made them. Ranks of a distributed job are excluded: each has its own part.
"""

from __future__ import annotations

import json
from collections import Counter

from ..trace.archive import TaskKey, Trace
from ..trace.format import END, OUTSIDE
from ..trace.stream import Stream
from .events import Shared

MOST_STEPS = 2_000_000
"""Limit for one run, so that memory and time stay small; beyond it pools are not compared."""


def interchangeable(first: Trace, second: Trace) -> frozenset[TaskKey]:
    """
    The streams of children that together made the same steps in both runs; empty if they did not.

    In one run they may have made more: a loader's workers work ahead, and when they are ended is a matter of time. What
    they did more reached nobody, else a step of the parent would differ.
    """
    streams = [_of_children(trace) for trace in (first, second)]
    if any(sum(stream.blocks for stream in found.values()) > MOST_STEPS for found in streams):
        return frozenset()
    shared = Shared()
    steps = [_steps(shared, found) for found in streams]
    more = streams[0].keys() == streams[1].keys() and (steps[0] <= steps[1] or steps[1] <= steps[0])
    if not more and steps[0] != steps[1]:
        return frozenset()
    return frozenset((*streams[0], *streams[1]))


def ended_by_parent(trace: Trace, key: TaskKey) -> bool:
    """Whether the stream is of a child whose parent was recorded to its end."""
    parent = trace.streams.get(TaskKey(key.lineage.rpartition(".")[0], 0))
    return parent is not None and not parent.cut


def _of_children(trace: Trace) -> dict[TaskKey, Stream]:
    """Streams of children whose parents were recorded to their ends, without ranks."""
    ranks = {key.lineage for key, stream in trace.streams.items() if _is_rank(stream.process)}
    return {
        key: stream
        for key, stream in trace.streams.items()
        if ended_by_parent(trace, key) and not ranks & {*_ancestry(key.lineage)}
    }


def _ancestry(lineage: str) -> list[str]:
    """A process and its ancestors."""
    parts = lineage.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _is_rank(process: str) -> bool:
    try:
        description = json.loads(process or "{}")
    except ValueError:
        return True
    return not isinstance(description, dict) or bool(description.get("rank"))


def _steps(shared: Shared, streams: dict[TaskKey, Stream]) -> Counter[int]:
    """
    How often each step was made, in any order and by any process.

    ENDs are left out: whether a pool ends its worker or the worker exits first varies by chance.
    """
    return Counter(
        hash((event.symbol, shared.content(stream, event)))
        for stream in streams.values()
        for event in shared.events(stream)
        if event.record.kind not in {END, OUTSIDE}
    )
