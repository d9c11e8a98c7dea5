"""One task of a process in both runs: which step is which, and which steps differ because of what."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from ..trace.archive import Key
from ..trace.stream import Stream
from .events import Event, Shared

RUNS_AHEAD = '"task": "tf.py_function"'
"""In the JSON of a process's record."""


@dataclass
class Places:
    """Which record of the second stream is which of the first: stretches of a constant distance."""

    starts: list[int] = field(default_factory=list)
    distances: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, first: int, second: int) -> None:
        """One pair, after all that were added."""
        if self.starts and self.distances[-1] == second - first:
            self.ends[-1] = first
            return
        self.starts.append(first)
        self.distances.append(second - first)
        self.ends.append(first)

    def other(self, first: int) -> int | None:
        """The second stream's index of a record of the first; None where that has no partner."""
        place = bisect_right(self.starts, first) - 1
        if place < 0:
            return first  # before the first difference
        between = first > self.ends[place] and place + 1 < len(self.starts)
        return None if between else first + self.distances[place]


def runs_ahead(stream: Stream) -> bool:
    """Whether it is of a Python function that TensorFlow's pipelines call: how often they do by the end is chance."""
    return RUNS_AHEAD in stream.process


class Task:
    """A pair of streams."""

    def __init__(self, key: Key, first: Stream, second: Stream) -> None:
        self.key, self.first, self.second = key, first, second
        self.shared = Shared()
        self.places = Places()
        self.labels: dict[int, int] = {}
        """For each step of the first run that wrote something else than in the second: where that began."""
        self.done = -1
        """Index of the last step that was followed."""
        self.finished = False
        self.last: tuple[int, Event] | None = None
        """The last result that differs: label and step."""
        self.drawing = False
        """Whether Python's own draws are going on: no operation since the last one that differed."""
