"""The schedule: which processes may start, and which may begin to measure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from .plan import Job

MOST_JOBS = 4
PROCESS_SECONDS = {"torch": 2.5, "tensorflow": 3.3, "jax": 2.8}
"""Typical duration of a quick-tier process on 2 cores with CPU builds; used only to order the jobs."""


class Schedule:
    """
    The jobs of one audit. Each is waiting, importing, blocked at its gate, or measuring.

    A `quiet` job measures alone. Other jobs may import at the same time, but block at the gate until it finishes. The
    import is most of the time of a short process.
    """

    def __init__(self, jobs: Iterable[Job], width: int) -> None:
        """Take the first jobs; at most `width` run at the same time, 0 chooses by the machine."""
        self._width = width or _width_of_this_machine()
        self._waiting = list(jobs)
        self._asked_for: set[str] = set()
        self._importing: list[Job] = []
        self._at_gate: list[Job] = []
        self._measuring: list[Job] = []

    @property
    def width(self) -> int:
        """The largest number of processes at the same time."""
        return self._width

    def add(self, jobs: Iterable[Job]) -> None:
        """Add jobs, for example those that a rule asked for."""
        added = list(jobs)
        self._waiting += added
        self._asked_for |= {job.name for job in added}

    def unfinished(self) -> bool:
        """Whether any job waits or runs."""
        return bool(self._waiting or self._running())

    def start(self) -> list[Job]:
        """
        The jobs to start now; they count as importing from here on.

        Quiet jobs start first, so that arms which a rule asks for afterwards can run with others. A quiet job that is
        added later starts when no framework's first job waits: until then its turn would leave processors idle.
        """
        if any(job.quiet for job in (*self._measuring, *self._at_gate)):
            return []
        room = self._width - len(self._running())
        loud = [job for job in self._waiting if not job.quiet]
        held = self._asked_for if any(job.framework and job.name not in self._asked_for for job in loud) else ()
        quiet = [job for job in self._waiting if job.quiet and job.name not in held][:room]
        beside = room - len(quiet)
        alike = [job for job in loud if quiet and job.framework == quiet[0].framework][:beside]  # is imported as fast
        rest = _side_by_side(_without(loud, alike), (*self._running(), *quiet, *alike), beside - len(alike))
        chosen = [*quiet, *alike, *rest]
        self._waiting = _without(self._waiting, chosen)
        self._importing += chosen
        return chosen

    def open(self) -> list[Job]:
        """The jobs that may begin to measure now; they count as measuring from here on."""
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
        """The job has imported its framework. A repeated call, after its process was replaced, changes nothing."""
        if _holds(self._importing, job):
            self._importing = _without(self._importing, [job])
            self._at_gate.append(job)

    def ended(self, job: Job) -> None:
        """The job's process has ended, with or without success."""
        self._importing = _without(self._importing, [job])
        self._at_gate = _without(self._at_gate, [job])
        self._measuring = _without(self._measuring, [job])

    def _running(self) -> list[Job]:
        return [*self._importing, *self._at_gate, *self._measuring]


def _holds(jobs: Sequence[Job], job: Job) -> bool:
    return any(each.name == job.name for each in jobs)


def _without(jobs: Sequence[Job], gone: Sequence[Job]) -> list[Job]:
    """The jobs without those; compared by name, since two jobs of one plan may be equal."""
    return [job for job in jobs if not _holds(gone, job)]


def _side_by_side(waiting: Sequence[Job], running: Sequence[Job], room: int) -> list[Job]:
    """
    The jobs to start: of different frameworks where possible, and of the framework with the most work left first.

    Two processes of one framework slow each other down more than two of different ones, since their thread pools spin.
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
    """1 with a GPU, since TensorFlow and JAX each allocate all of its memory."""
    if Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists():
        return 1
    return min(MOST_JOBS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
