"""The schedule: which processes may start, and which that have imported their framework may measure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from .plan import Job

MOST_JOBS = 4
PROCESS_SECONDS = {"torch": 2.5, "tensorflow": 3.3, "jax": 2.8}
"""What a process of the quick tier takes, on 2 cores with CPU builds: what a plan is ordered by, and nothing else."""


class Schedule:
    """
    The processes of one audit, each of which waits, imports, stands at its gate, or measures.

    A quiet one measures while nothing else of ours runs. Importing is not measuring, so others may import beside its
    import, and then stand at their gates until it is done; an import is most of what a short process does.
    """

    def __init__(self, jobs: Iterable[Job], width: int) -> None:
        """Take the jobs that are known so far; `width` of them may run side by side, 0 lets the machine decide."""
        self._width = width or _width_of_this_machine()
        self._waiting = list(jobs)
        self._importing: list[Job] = []
        self._at_gate: list[Job] = []
        self._measuring: list[Job] = []

    @property
    def width(self) -> int:
        """Processes side by side, at most."""
        return self._width

    def add(self, jobs: Iterable[Job]) -> None:
        """More to do: what a rule asked for."""
        self._waiting += jobs

    def unfinished(self) -> bool:
        """Whether anything waits or runs."""
        return bool(self._waiting or self._running())

    def start(self) -> list[Job]:
        """
        The jobs to start now, which are then taken for importing.

        Quiet jobs come first, since what they make a rule ask for may then run beside others. One that was asked for
        while others measure waits until they are through, rather than that they wait for it again and again.
        """
        if any(job.quiet for job in (*self._measuring, *self._at_gate)):
            return []
        room = self._width - len(self._running())
        quiet = [] if self._measuring else [job for job in self._waiting if job.quiet][:room]
        loud = [job for job in self._waiting if not job.quiet]
        chosen = quiet + _side_by_side(loud, (*self._running(), *quiet), room - len(quiet))
        self._waiting = _without(self._waiting, chosen)
        self._importing += chosen
        return chosen

    def open(self) -> list[Job]:
        """The jobs that may begin to measure now, which are then taken for measuring."""
        if any(job.quiet for job in (*self._measuring, *self._importing)):
            return []
        chosen = [job for job in self._at_gate if job.quiet][:1]
        if chosen and (self._importing or self._measuring):
            return []
        chosen = chosen or self._at_gate
        self._at_gate = _without(self._at_gate, chosen)
        self._measuring += chosen
        return list(chosen)

    def ready(self, job: Job) -> None:
        """It has imported its framework. One that said so before (its process was replaced) keeps its place."""
        if _holds(self._importing, job):
            self._importing = _without(self._importing, [job])
            self._at_gate.append(job)

    def ended(self, job: Job) -> None:
        """Its process has ended, well or not."""
        self._importing = _without(self._importing, [job])
        self._at_gate = _without(self._at_gate, [job])
        self._measuring = _without(self._measuring, [job])

    def _running(self) -> list[Job]:
        return [*self._importing, *self._at_gate, *self._measuring]


def _holds(jobs: Sequence[Job], job: Job) -> bool:
    return any(each.name == job.name for each in jobs)


def _without(jobs: Sequence[Job], gone: Sequence[Job]) -> list[Job]:
    """By name: two processes of one plan may do the same."""
    return [job for job in jobs if not _holds(gone, job)]


def _side_by_side(waiting: Sequence[Job], running: Sequence[Job], room: int) -> list[Job]:
    """
    The jobs to start: of different frameworks where possible, and of the one with the most left to do first.

    Two processes of one framework hinder each other more than two of different ones: their thread pools spin.
    """
    chosen: list[Job] = []
    left = list(waiting)
    while left and len(chosen) < room:
        busy = [job.framework for job in (*running, *chosen)]
        ahead = {job.framework: 0.0 for job in left}
        for job in left:
            ahead[job.framework] += PROCESS_SECONDS.get(job.framework, 0.0)
        best = min(left, key=lambda job: (busy.count(job.framework), -ahead[job.framework]))
        chosen.append(best)
        left.remove(best)
    return chosen


def _width_of_this_machine() -> int:
    """On a GPU one: TensorFlow and JAX each take all of its memory."""
    if Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists():
        return 1
    return min(MOST_JOBS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
