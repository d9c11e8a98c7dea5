"""
The first difference of each stream of two traces.

Each stream has its own first difference. `provenance` finds which of them began the divergence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..trace.archive import TaskKey, Trace
from ..trace.format import DRAW, END, MAKERS, OUTSIDE
from ..trace.stream import Stream
from . import branches, worker_pools
from .branches import Branch
from .events import DescribedEvent, Event, Shared, describe
from .task_pair import runs_ahead
from .two_streams import AlignedPair, Gap, align

MOST_EXTERNAL_VALUES = 16
Kind = Literal["content", "branch", "only-in-first", "only-in-second"]


@dataclass(frozen=True)
class FirstDifference:
    """The first difference of one stream."""

    key: TaskKey
    kind: Kind
    """`content`: the same step with another digest; `branch`: another step; else only one trace has the stream."""
    first: DescribedEvent | None = None
    """The first run's step; None if the run had ended."""
    second: DescribedEvent | None = None
    branch: Branch | None = None


@dataclass(frozen=True)
class Alignment:
    """Two traces compared."""

    differences: tuple[FirstDifference, ...]
    """The first of each stream, parents before children."""
    operations: tuple[int, int]
    """How many operations each has."""
    problems: tuple[str, ...] = ()
    """What the recorder could not do, in either trace."""
    cut: tuple[TaskKey, ...] = ()
    """Streams without an END in either trace: compared up to the cut."""
    external_values: tuple[DescribedEvent, ...] = ()
    """
    External values that differ, and generators that seeded themselves from the system's entropy. They are no difference
    by themselves (a run id, a file name, a generator that is seeded before it draws); what is computed from them is.
    """
    pooled: frozenset[TaskKey] = frozenset()
    """Streams of pool workers that did the same work together, though not each by itself."""
    cut_by_parents: bool = True
    """Whether every stream that is cut off belongs to a child whose parent was recorded to its end."""

    @property
    def identical(self) -> bool:
        """Whether both are complete, with the same steps and digests."""
        return not (self.differences or self.problems or self.cut)


def compare(first: Trace, second: Trace) -> Alignment:
    """
    The first difference of every stream.

    Raises TraceError where the two cannot be compared: digests of other algorithms, a base and a detail trace.
    """
    keys = sorted({*first.streams, *second.streams}, key=lambda key: (key.order, key.file))
    external_values: list[DescribedEvent] = []
    found = [
        one for key in keys if (one := _stream(key, first.streams.get(key), second.streams.get(key), external_values))
    ]
    cut = tuple(dict.fromkeys((*first.cut, *second.cut)))
    in_child = any("." in key.lineage for key in (*cut, *(one.key for one in found)))
    pooled = worker_pools.interchangeable(first, second) if in_child else frozenset()
    problems = dict.fromkeys(f"{key.file}: {text}" for trace in (first, second) for key, text in trace.problems)
    return Alignment(
        tuple(one for one in found if one.key not in pooled),
        (first.operations, second.operations),
        tuple(problems),
        tuple(key for key in cut if key not in pooled),
        tuple(external_values[:MOST_EXTERNAL_VALUES]),
        pooled,
        all(worker_pools.ended_by_parent(trace, key) for trace in (first, second) for key in trace.cut),
    )


def _stream(
    key: TaskKey, first: Stream | None, second: Stream | None, external_values: list[DescribedEvent]
) -> FirstDifference | None:
    if first is None or second is None:
        alone = first or second
        kind: Kind = "only-in-second" if first is None else "only-in-first"
        same = alone is None or runs_ahead(alone) or (key.ordinal and not _has_steps(alone))
        return None if same else FirstDifference(key, kind)
    shared = Shared()
    for step in align(shared, first, second):
        if _is_from_outside(step, first, second):
            external_values += (
                _differing_value(step, first, second) if len(external_values) < MOST_EXTERNAL_VALUES else ()
            )
        elif isinstance(step, Gap):
            one, other = step.next_first, step.next_second
            if (not (one and other) and runs_ahead(first)) or (key.ordinal and _ended_earlier(step, first, second)):
                return None
            return FirstDifference(
                key,
                "branch",
                describe(first, one) if one else None,
                describe(second, other) if other else None,
                branches.blame(first, second, step),
            )
        elif not step.equal:
            return FirstDifference(key, "content", describe(first, step.first), describe(second, step.second))
    return None


def _has_steps(stream: Stream) -> bool:
    """Whether it has anything that is compared: a thread may only read the clock, and end before it does."""
    return any(event.record.kind not in {END, OUTSIDE} for event in Shared().events(stream))


def _ended_earlier(gap: Gap, first: Stream, second: Stream) -> bool:
    """
    Whether a thread only did more in one run, all of it work of a library.

    When a library ends a thread of its own (the feeder of a queue whose loader is left) is a matter of time. What the
    thread did more reached nobody: else a step of the reader would differ.
    """
    sides = [[one for one in side if one.record.kind != END] for side in (gap.only_first, gap.only_second)]
    if all(sides) or (gap.following and gap.following[0].record.kind != END):
        return False
    return not any(
        stream.source(event.record).known for stream, side in zip((first, second), sides, strict=True) for event in side
    )


def _is_from_outside(step: AlignedPair | Gap, first: Stream, second: Stream) -> bool:
    """Whether it consists of external values alone."""
    if isinstance(step, AlignedPair):
        return _is_value(first, step.first) and _is_value(second, step.second)
    sides = ((first, step.only_first), (second, step.only_second))
    return any(side for _, side in sides) and all(_is_value(stream, event) for stream, side in sides for event in side)


def _is_value(stream: Stream, event: Event) -> bool:
    """Whether it is an external value, or the entropy of a generator that is made."""
    kind = event.record.kind
    return kind == OUTSIDE or (kind == DRAW and stream.name_of(event.record) in MAKERS)


def _differing_value(step: AlignedPair | Gap, first: Stream, second: Stream) -> Iterator[DescribedEvent]:
    """The external values of this step that differ."""
    if isinstance(step, Gap):
        yield from [describe(first, event) for event in step.only_first[:1]]
        yield from [describe(second, event) for event in step.only_second[:1]]
    elif not step.equal:
        yield describe(first, step.first)
