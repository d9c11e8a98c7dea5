"""
Stands in for replay's process and streams: what its hooks of generators and seeds write becomes counts in the table.

Replay's hooks define texts and append records. Here a text is its own id, and of the records only draws and seeds
are counted.
"""

from __future__ import annotations

from ..replay.trace.format import DRAW, SEED


class Counting:
    """A stream that counts draws and seeds."""

    def __init__(self, table):
        self._table = table

    @staticmethod
    def define(_table, text):
        """The id of a text: the text itself."""
        return text

    def append(self, kind, flags=0, count=0, name="", site="", meta="", digest=0, extra=0):  # noqa: ARG002, PLR0917
        """Count a record."""
        if kind == DRAW:
            self._table.drew(name, site, count)
        elif kind == SEED:
            self._table.seeded(name, site, meta)
        return 0


class Task:
    """Every thread and call has this one: signatures have no order."""

    ordinal = 0

    def __init__(self, stream):
        self.stream = self._stream = stream

    def finish(self):
        """Nothing: the table ends with the process."""


class Process:
    """What replay's hooks need of a process."""

    def __init__(self, table):
        self.table = table
        self.task = Task(Counting(table))
        self.numbers = None

    def new_task(self, _name):
        """The task of a new thread or call."""
        return self.task

    def work_on(self, _task):
        """The task of this thread before."""
        return self.task

    def leave_task(self):
        """A thread ends: nothing."""

    def problem(self, error):
        """An error of a hook."""
        self.table.problem(error)
