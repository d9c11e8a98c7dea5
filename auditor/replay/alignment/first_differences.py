"""
Two traces, side by side: where each pair of streams first differs.

What differs first in a stream says little about the others: each has its own first difference. Which of them began it
is found by `origin.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..trace.archive import Key, Trace
from ..trace.format import OUTSIDE
from ..trace.stream import Stream
from . import branches, worker_pools
from .branches import Branch
from .events import Shared, Told, told
from .task_pair import runs_ahead
from .two_streams import Gap, Pair, walk

MOST_ASIDES = 16
Kind = Literal["content", "branch", "only-in-first", "only-in-second"]


@dataclass(frozen=True)
class Difference:
    """The first difference of one stream."""

    key: Key
    kind: Kind
    """`content`: the same step with other bits; `branch`: another step; or the stream is only in one trace."""
    first: Told | None = None
    """What the first run did there; None if it had ended."""
    second: Told | None = None
    branch: Branch | None = None


@dataclass(frozen=True)
class Alignment:
    """Two traces compared."""

    differences: tuple[Difference, ...]
    """The first of each stream, parents before children."""
    operations: tuple[int, int]
    """How many operations each has."""
    problems: tuple[str, ...] = ()
    """What the recorder could not do, in either."""
    cut: tuple[Key, ...] = ()
    """Streams without an end, in either: compared up to there."""
    asides: tuple[Told, ...] = ()
    """
    Values that came in from outside and differ. They are no difference by themselves (a run's id, a name for a file);
    what was made of them is, where it was recorded.
    """
    shared_out: frozenset[Key] = frozenset()
    """Streams of child processes that did the same together, though not each by itself (`bags.py`)."""
    cut_by_parents: bool = True
    """Whether all that is cut off are children of processes that lived on."""

    @property
    def identical(self) -> bool:
        """Whether both are complete and the same in every step and bit."""
        return not (self.differences or self.problems or self.cut)


def compare(first: Trace, second: Trace) -> Alignment:
    """
    The first difference of every stream.

    Raises TraceError where the two cannot be compared: digests of other algorithms, a base and a detail trace.
    """
    keys = sorted({*first.streams, *second.streams}, key=lambda key: (key.order, key.file))
    asides: list[Told] = []
    found = [one for key in keys if (one := _stream(key, first.streams.get(key), second.streams.get(key), asides))]
    cut = tuple(dict.fromkeys((*first.cut, *second.cut)))
    shared_out = (
        worker_pools.alike(first, second) if any(_of_child(key) for key in (*cut, *(one.key for one in found))) else ()
    )
    problems = dict.fromkeys(f"{key.file}: {told}" for trace in (first, second) for key, told in trace.problems)
    return Alignment(
        tuple(one for one in found if one.key not in shared_out),
        (first.operations, second.operations),
        tuple(problems),
        tuple(key for key in cut if key not in shared_out),
        tuple(asides[:MOST_ASIDES]),
        frozenset(shared_out),
        all(worker_pools.ended_by_parent(trace, key) for trace in (first, second) for key in trace.cut),
    )


def _of_child(key: Key) -> bool:
    return "." in key.lineage


def _stream(key: Key, first: Stream | None, second: Stream | None, asides: list[Told]) -> Difference | None:
    if first is None or second is None:
        alone = first or second
        kind: Kind = "only-in-second" if first is None else "only-in-first"
        return None if alone is None or runs_ahead(alone) else Difference(key, kind)
    shared = Shared()
    for step in walk(shared, first, second):
        if _is_from_outside(step):
            asides += _aside(step, first, second) if len(asides) < MOST_ASIDES else ()
        elif isinstance(step, Gap):
            one, other = step.next_first, step.next_second
            if not (one and other) and runs_ahead(first):
                return None
            return Difference(
                key,
                "branch",
                told(first, one) if one else None,
                told(second, other) if other else None,
                branches.blame(first, second, step),
            )
        elif not step.equal:
            return Difference(key, "content", told(first, step.first), told(second, step.second))
    return None


def _is_from_outside(step: Pair | Gap) -> bool:
    """Whether nothing but values from outside stands in it."""
    events = (step.first, step.second) if isinstance(step, Pair) else (*step.only_first, *step.only_second)
    return bool(events) and all(event.record.kind == OUTSIDE for event in events)


def _aside(step: Pair | Gap, first: Stream, second: Stream) -> Iterator[Told]:
    """What came in there, if it differs."""
    if isinstance(step, Gap):
        yield from [told(first, event) for event in step.only_first[:1]]
        yield from [told(second, event) for event in step.only_second[:1]]
    elif not step.equal:
        yield told(first, step.first)
