"""
Two traces, side by side: where each pair of streams first differs.

What differs first in a stream says little about the others: each has its own first difference. Which of them began it
is found by `origin.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import branches
from .branches import Branch
from .events import Shared, Told, told
from .stream import Stream
from .trace import Key, Trace
from .walk import Gap, walk

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
    found = [_stream(key, first.streams.get(key), second.streams.get(key)) for key in keys]
    problems = dict.fromkeys(f"{key.file}: {told}" for trace in (first, second) for key, told in trace.problems)
    return Alignment(
        tuple(one for one in found if one),
        (first.operations, second.operations),
        tuple(problems),
        tuple(dict.fromkeys((*first.cut, *second.cut))),
    )


def _stream(key: Key, first: Stream | None, second: Stream | None) -> Difference | None:
    if first is None or second is None:
        return Difference(key, "only-in-second" if first is None else "only-in-first")
    shared = Shared()
    for step in walk(shared, first, second):
        if isinstance(step, Gap):
            one, other = step.next_first, step.next_second
            return Difference(
                key,
                "branch",
                told(first, one) if one else None,
                told(second, other) if other else None,
                branches.blame(first, second, step),
            )
        if not step.equal:
            return Difference(key, "content", told(first, step.first), told(second, step.second))
    return None
