"""One task of a process in both runs, with the taint of its records as far as it was followed."""

from __future__ import annotations

from ..alignment.events import Event
from ..alignment.task_pair import TaskPair
from ..trace.archive import TaskKey
from ..trace.stream import Stream
from .taints import Taint


class TaintedTask(TaskPair):
    """A pair of streams while taint is propagated along it."""

    def __init__(self, key: TaskKey, first: Stream, second: Stream) -> None:
        super().__init__(key, first, second)
        self.taints: dict[int, Taint] = {}
        """By the first run's record, for each record that wrote another value in the second run."""
        self.only_second: dict[int, Taint] = {}
        """By the second run's record, for each record of a branch that only that run took."""
        self.done = -1
        """Index of the last record that was followed."""
        self.finished = False
        self.last: tuple[Taint, Event] | None = None
        """The last result that differs."""
        self.drawing = False
        """Whether Python draws are in progress: no operation has run since the last one that differed."""
