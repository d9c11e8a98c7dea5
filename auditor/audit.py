"""
One audit: plan the processes, gather facts and readings, apply rules (asking again), yield findings as they come.

The way of a reading: a check's `measure`, a reply line, `interpreter.py` (typed), here (filed under check, process and
settings), `rules` (a finding, or an ask that goes round once more), and from there into the manifest.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import plan, rules
from .about import digests
from .catalogue import FRAMEWORKS, Catalogue, CheckInfo
from .findings import conclude, finding, merge
from .interpreter import Limits, Request, ask
from .manifest import Fact, Finding, Reading, Subject
from .plan import Job
from .record import Record
from .replies import Crashed, Ok, Reply

ROUNDS = 3
"""How often a rule may ask for more measuring."""
MOST_JOBS = 4
POLL_SECONDS = 0.2
IMPORT_SECONDS = {"torch": 2.0, "tensorflow": 4.5, "jax": 0.9}
"""Measured on 2 cores with CPU builds: what a plan is ordered by, and nothing else."""


@dataclass(frozen=True)
class Options:
    """What an audit is asked to do."""

    python: str
    checks: Sequence[CheckInfo] = ()
    facts: bool = True
    frameworks: Sequence[str] = FRAMEWORKS
    shallow: bool = False
    """Only facts that need no framework imported."""
    verify_files: bool = False
    """Whether installed files are hashed and compared with their RECORD; sizes are compared anyway."""
    setup: str = ""
    timeout_seconds: float = 300.0
    jobs: int = 0
    """Processes side by side; 0 chooses by the machine."""
    require_deterministic: bool = False
    """Whether a deviation that the framework documents, and whose cure works, keeps its check's severity."""
    runs: int = 0
    """Least number of repeats and of untouched processes; 0 keeps what each check declares."""
    checks_from: str = ""
    """A user's folder of checks, which run beside ours."""
    subjects: Sequence[Subject] = ()
    """What the audit is about, named by its user: data, weights, an image, a commit."""


@dataclass(frozen=True)
class Progress:
    """Something for people: which process began or why more is measured, and how far the audit is."""

    text: str
    done: int
    total: int


Event = Progress | Finding
News = queue.Queue[tuple[Job, Reply | Crashed | BaseException | None]]


@dataclass
class Audit:
    """One audit in progress. `run()` yields events; afterwards `facts`, `readings` and `findings` are complete."""

    options: Options
    catalogue: Catalogue
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:  # noqa: D105 - the bookkeeping that no caller gives
        self._checks = {check.id: check for check in self.options.checks}
        self._asked: dict[str, list[Mapping[str, str]]] = {name: [] for name in self._checks}
        self._rounds = dict.fromkeys(self._checks, 0)
        self._open = dict.fromkeys(self._checks, 0)
        self._record = Record(self.catalogue.groups)
        self._numbers: dict[str, int] = {}
        self._done = self._total = 0

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts so far, by key."""
        return self._record.facts

    @property
    def readings(self) -> list[Reading]:
        """The readings so far."""
        return self._record.readings

    def run(self) -> Generator[Event, None, None]:
        """Run everything. Raises SetupError when the user's set-up file fails; ends all processes when interrupted."""
        stop = threading.Event()
        news: News = queue.Queue()
        waiting = self._first_jobs()
        running: list[Job] = []
        found: list[Finding] = []
        with ThreadPoolExecutor(max_workers=max(1, self._width())) as pool:
            try:
                while waiting or running:
                    for job in self._startable(waiting, running):
                        waiting.remove(job)
                        running.append(job)
                        if job.framework in self._record.dead:
                            self._give_up(job, news)
                            continue
                        pool.submit(self._work, job, news, stop)
                        yield self._progress(f"{job.name}: {_describe(job)}")
                    try:
                        job, answer = news.get(timeout=POLL_SECONDS)
                    except queue.Empty:
                        continue
                    if isinstance(answer, BaseException):
                        raise answer
                    if answer is not None:
                        self._record.file(job, answer)
                        continue
                    running.remove(job)
                    self._done += 1
                    for event in self._settle(job, waiting):
                        if isinstance(event, Finding):
                            found.append(event)
                        yield event
            finally:
                stop.set()
        if self.options.facts:
            self._record.file(Job("", {}, ()), self._of_the_host())
        self.findings = [self._strict(item) for item in merge(found, self._checks)]

    def _of_the_host(self) -> Reply:
        """The facts that need no payload, as its reply would bring them; after the last process, beside no work."""
        from .nvml import host  # noqa: PLC0415 - loaded only where facts are asked for

        return Ok(tag="ok", facts="nvml", values=host.facts())

    def _strict(self, item: Finding) -> Finding:
        """A cured deviation is low, unless determinism is required without setting a switch."""
        if self.options.require_deterministic and item.known == "documented-and-cured":
            return item.model_copy(update={"severity": self._checks[item.check].severity})
        return item

    def _work(self, job: Job, news: News, stop: threading.Event) -> None:
        """In a thread: one process's conversation, passed on as it comes; None marks its end."""
        context = {
            "verify_files": self.options.verify_files,
            "shallow": self.options.shallow,
            "command_line": sys.argv,
            "subjects": digests(self.options.subjects),
            "checks_from": self.options.checks_from,
        }
        request = Request("measure", job.framework, job.steps, job.settings, self.options.setup, context)
        try:
            limits = Limits(self.options.timeout_seconds, plan.niceness(job))
            for reply in ask(self.options.python, request, limits, stop):
                news.put((job, reply))
            news.put((job, None))
        except BaseException as problem:  # noqa: BLE001 - handed to the main thread, which raises it
            news.put((job, problem))

    def _give_up(self, job: Job, news: News) -> None:
        """A framework whose untouched process dies or hangs on import is not tried again: it would cost each time."""
        news.put((job, self._record.dead[job.framework]))
        news.put((job, None))

    # ------------------------------------------------------------------------------------------------- planning

    def _first_jobs(self) -> list[Job]:
        wanted = []
        for check in self._checks.values():
            arms = plan.first_arms(check, self.options.runs)
            self._asked[check.id] += [arm.settings for arm in arms]
            wanted.append((check, arms))
        jobs = plan.jobs_for(wanted, self.options.runs)
        if self.options.facts:
            frameworks = () if self.options.shallow else self.options.frameworks
            jobs = plan.with_facts(jobs, self.catalogue.groups, frameworks)
        return self._enlisted(jobs)

    def _enlisted(self, jobs: Sequence[Job]) -> list[Job]:
        """Number the jobs and count what each check waits for."""
        numbered = []
        for job in jobs:
            self._numbers[job.framework] = self._numbers.get(job.framework, 0) + 1
            numbered.append(replace(job, number=self._numbers[job.framework]))
            for check in job.checks():
                self._open[check] += 1
        self._total += len(numbered)
        return numbered

    def _width(self) -> int:
        """Processes side by side. On a GPU one: TensorFlow and JAX each take all of its memory."""
        if self.options.jobs:
            return self.options.jobs
        if Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists():
            return 1
        return min(MOST_JOBS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

    def _startable(self, waiting: Sequence[Job], running: Sequence[Job]) -> list[Job]:
        """
        What may start now: a quiet job only when nothing runs, nothing beside a quiet job.

        Quiet jobs come first, since what they make a rule ask for may then run beside others.
        """
        if any(job.quiet for job in running):
            return []
        quiet = [job for job in waiting if job.quiet]
        if quiet and not running:
            return quiet[:1]
        loud = [job for job in waiting if not job.quiet]
        return _side_by_side(loud, running, self._width() - len(running))

    def _progress(self, text: str) -> Progress:
        return Progress(text, self._done, self._total)

    # -------------------------------------------------------------------------------------------------- judging

    def _settle(self, job: Job, waiting: list[Job]) -> Iterator[Event]:
        """A process has ended: judge the checks that wait for no other."""
        for check_id in job.checks():
            self._open[check_id] -= 1
            if self._open[check_id]:
                continue
            check = self._checks[check_id]
            troubles = self._record.troubles.get(check_id, [])
            answer = conclude(check, self._record.of(check_id), troubles, self._asked[check_id])
            if isinstance(answer, rules.Ask) and self._rounds[check_id] < ROUNDS:
                yield self._progress(f"{check_id}: {answer.reason}")
                waiting += self._ask_again(check, answer)
            elif isinstance(answer, rules.Ask):
                yield finding(
                    check, rules.Verdict("inconclusive", f"still open after {ROUNDS} rounds: {answer.reason}")
                )
            else:
                yield answer

    def _ask_again(self, check: CheckInfo, answer: rules.Ask) -> list[Job]:
        self._rounds[check.id] += 1
        self._asked[check.id] += [arm.settings for arm in answer.arms]
        return self._enlisted(plan.jobs_for([(check, answer.arms)], self.options.runs))


def _side_by_side(waiting: Sequence[Job], running: Sequence[Job], room: int) -> list[Job]:
    """
    The jobs to start: of different frameworks where possible, and of the one with the most left to import first.

    Two processes of one framework hinder each other more than two of different ones: their thread pools spin.
    """
    chosen: list[Job] = []
    left = list(waiting)
    while left and len(chosen) < room:
        busy = [job.framework for job in (*running, *chosen)]
        ahead = {job.framework: 0.0 for job in left}
        for job in left:
            ahead[job.framework] += IMPORT_SECONDS.get(job.framework, 0.0)
        best = min(left, key=lambda job: (busy.count(job.framework), -ahead[job.framework]))
        chosen.append(best)
        left.remove(best)
    return chosen


def _describe(job: Job) -> str:
    """What a process does, for people."""
    names = [name for step in job.steps for name in (step.get("check") or "facts",)]
    kinds = list(dict.fromkeys(names))
    told = ", ".join(kinds[:2]) + (f" and {len(kinds) - 2} more" if len(kinds) > 2 else "")
    changed = ", ".join(f"{name}={value}" for name, value in job.settings.items() if name != "compile-cache")
    return f"{told} ({changed})" if changed else told
