"""One task of a process in both runs: its two streams, and which record of one run matches which of the other."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from ..trace.archive import TaskKey
from ..trace.stream import Stream
from .events import Shared

RUNS_AHEAD = '"task": "tf.py_function"'
"""In the JSON of a process's record."""


@dataclass
class MatchedRecords:
    """Which record of the second stream matches which of the first, as stretches of a constant distance."""

    starts: list[int] = field(default_factory=list)
    distances: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, first: int, second: int) -> None:
        """Append a pair; both indices must be greater than those before."""
        if self.starts and self.distances[-1] == second - first:
            self.ends[-1] = first
            return
        self.starts.append(first)
        self.distances.append(second - first)
        self.ends.append(first)

    def other(self, first: int) -> int | None:
        """The second stream's index for a record of the first; None if it has no match."""
        place = bisect_right(self.starts, first) - 1
        if place < 0:
            return first  # before the first difference
        between = first > self.ends[place] and place + 1 < len(self.starts)
        return None if between else first + self.distances[place]


def runs_ahead(stream: Stream) -> bool:
    """Whether TensorFlow's pipelines prefetch from this Python function: the number of its calls varies by chance."""
    return RUNS_AHEAD in stream.process


class TaskPair:
    """The streams of one task in both runs."""

    def __init__(self, key: TaskKey, first: Stream, second: Stream) -> None:
        self.key, self.first, self.second = key, first, second
        self.shared = Shared()
        self.matched = MatchedRecords()

    def same_text(self, table: int, one: int, other: int) -> bool:
        """Whether two ids, of the first and of the second stream, mean the same text."""
        return self.shared.number(self.first, table, one) == self.shared.number(self.second, table, other)
