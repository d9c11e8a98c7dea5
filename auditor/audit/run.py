"""
One audit: plan the processes, collect facts and readings, apply the rules, yield findings as they are made.

A reading goes from a check's `measure` through a reply line, `interpreter.conversation` (typed) and `AuditRecord` (by
check, process and settings) to its rule. The rule returns a verdict, or asks for more arms. All readings enter the
manifest.
"""

from __future__ import annotations

import logging
import queue
import secrets
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from .. import rules
from ..catalogue.catalogue import Catalogue, CheckInfo
from ..factors.factors import CONFIRM
from ..frameworks import FRAMEWORKS
from ..interpreter.conversation import Limits, Request, ask
from ..interpreter.launcher import Here, Launcher
from ..interpreter.replies import Crashed, Ok, Ready, Reply
from ..manifest.models import Fact, Finding, Reading, Subject
from ..privacy.modes import Privacy
from ..rules import suspects
from . import plan
from .findings import conclude, finding, merge
from .named_subjects import digests
from .plan import Job
from .record import AuditRecord
from .schedule import Schedule

LOG = logging.getLogger(__name__)
ROUNDS = 3
"""How often a rule may ask for more arms."""
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Options:
    """What an audit is asked to do."""

    python: str
    """The audited interpreter's path, as its launcher sees it."""
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
    """Processes at the same time; 0 chooses by the machine."""
    require_deterministic: bool = False
    """Whether a documented deviation keeps its check's severity even if the framework's own switch cures it."""
    runs: int = 0
    """Least number of repeats and of untouched processes; 0 keeps what each check declares."""
    checks_from: str = ""
    """A folder of the user's own checks, which are run too."""
    subjects: Sequence[Subject] = ()
    """What the audit is about, named by its user: data, weights, an image, a commit."""
    launcher: Launcher | None = None
    """Starts the processes; None starts them here."""
    known_facts: Mapping[str, Fact] = field(default_factory=dict)
    """Facts known without asking the audited Python, such as the container image."""


@dataclass(frozen=True)
class ProgressEvent:
    """A line of progress: which process started, or why more is measured; and how many processes have ended."""

    text: str
    done: int
    total: int


@dataclass(frozen=True)
class Confirming:
    """The processes that confirmed or cleared the suspects of an audit: after everything else, side by side."""

    processes: int = 0
    seconds: float = 0.0


AuditEvent = ProgressEvent | Finding
News = queue.Queue[tuple[Job, Reply | Crashed | BaseException | None]]


@dataclass
class Audit:
    """One audit in progress. `run()` yields events; afterwards `facts`, `readings` and `findings` are complete."""

    options: Options
    catalogue: Catalogue
    findings: list[Finding] = field(default_factory=list)
    privacy: Privacy = field(default_factory=Privacy)
    """How names are written in what the audit learns."""
    seconds: float = 0.0
    """How long all other processes took."""
    confirming: Confirming = Confirming()

    def __post_init__(self) -> None:  # noqa: D105 - private state
        self._checks = {check.id: check for check in self.options.checks}
        self._asked: dict[str, list[Mapping[str, str]]] = {name: [] for name in self._checks}
        self._rounds = dict.fromkeys(self._checks, 0)
        self._suspected: dict[str, Sequence[rules.Suspect]] = {}
        self._open = dict.fromkeys(self._checks, 0)
        self._record = AuditRecord(self.catalogue.groups, self.privacy)
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

    def run(self) -> Generator[AuditEvent, None, None]:
        """Run everything. Raises SetupError when the user's set-up file fails; ends all processes when interrupted."""
        stop = threading.Event()
        news: News = queue.Queue()
        schedule = Schedule(self._first_jobs(), self.options.jobs)
        gates: dict[str, threading.Event] = {}
        found: list[Finding] = []
        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=schedule.width) as pool:
            try:
                while schedule.unfinished() or self._suspected:
                    if not schedule.unfinished():
                        confirmations = self._confirmations()
                        self.seconds, self.confirming = time.monotonic() - began, Confirming(len(confirmations))
                        schedule.add(confirmations)
                    for job in schedule.start():
                        gates[job.name] = threading.Event()
                        if job.framework in self._record.dead:
                            self._give_up(job, news)
                            continue
                        LOG.info("%s starts: %s; settings %s", job.name, _describe(job), dict(job.settings))
                        pool.submit(self._work, job, news, gates[job.name], stop)
                        yield self._progress(f"{job.name}: {_describe(job)}")
                    for job in schedule.open():
                        gates[job.name].set()
                    for event in self._next(news, schedule):
                        if isinstance(event, Finding):
                            found.append(event)
                        yield event
            finally:
                stop.set()
        self._clock(time.monotonic() - began)
        if self.options.facts:
            self._record.file(Job("", {}, ()), self._of_the_host())
        self.findings = [self._strict(item) for item in merge(found, self._checks)]

    def _clock(self, seconds: float) -> None:
        """Split the time of the whole run between the confirmations and all other processes."""
        if self.confirming.processes:
            self.confirming = replace(self.confirming, seconds=seconds - self.seconds)
        else:
            self.seconds = seconds

    def _next(self, news: News, schedule: Schedule) -> Iterator[AuditEvent]:
        """Handle one answer, if one arrives within `POLL_SECONDS`; judge the checks that wait for no other process."""
        try:
            job, answer = news.get(timeout=POLL_SECONDS)
        except queue.Empty:
            return
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            if isinstance(answer, Ready):
                schedule.ready(job)
            self._record.file(job, answer)
            return
        schedule.ended(job)
        self._done += 1
        yield from self._settle(job, schedule)

    def _of_the_host(self) -> Reply:
        """The facts that the host reads, in the form of a reply; read after the last process has ended."""
        from ..nvml import host  # noqa: PLC0415 - loaded only where facts are asked for

        return Ok(tag="ok", facts="nvml", values={**host.facts(), **self.options.known_facts})

    def _strict(self, item: Finding) -> Finding:
        """The finding; with `require_deterministic` a cured deviation keeps its check's severity instead of low."""
        if self.options.require_deterministic and item.known == "documented-and-cured":
            return item.model_copy(update={"severity": self._checks[item.check].severity})
        return item

    def _work(self, job: Job, news: News, gate: threading.Event, stop: threading.Event) -> None:
        """Run one process in a worker thread and queue its replies; None marks its end."""
        context = {
            "verify_files": self.options.verify_files,
            "shallow": self.options.shallow,
            "command_line": sys.argv,
            "subjects": digests(self.options.subjects),
            "checks_from": self.options.checks_from,
        }
        settings = {name: value for name, value in job.settings.items() if name != CONFIRM}  # the process must not know
        request = Request("measure", job.framework, job.steps, settings, self.options.setup, context)
        try:
            limits = Limits(self.options.timeout_seconds, plan.niceness(job))
            for reply in ask(self.options.launcher or Here(self.options.python), request, limits, stop, gate):
                news.put((job, reply))
            news.put((job, None))
        except BaseException as problem:  # noqa: BLE001 - handed to the main thread, which raises it
            news.put((job, problem))

    def _give_up(self, job: Job, news: News) -> None:
        """Queue the known crash of a framework whose unchanged process failed on import, instead of trying again."""
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
        """Number the jobs, and count the open processes of each check."""
        numbered = []
        for job in jobs:
            self._numbers[job.framework] = self._numbers.get(job.framework, 0) + 1
            numbered.append(replace(job, number=self._numbers[job.framework]))
            for check in job.checks():
                self._open[check] += 1
        self._total += len(numbered)
        return numbered

    def _progress(self, text: str) -> ProgressEvent:
        return ProgressEvent(text, self._done, self._total)

    # -------------------------------------------------------------------------------------------------- judging

    def _settle(self, job: Job, schedule: Schedule) -> Iterator[AuditEvent]:
        """A process has ended: judge the checks whose processes have all ended."""
        for check_id in job.checks():
            self._open[check_id] -= 1
            if self._open[check_id]:
                continue
            check = self._checks[check_id]
            troubles = self._record.troubles.get(check_id, [])
            answer = conclude(check, self._record.of(check_id), troubles, self._asked[check_id])
            if isinstance(answer, rules.Ask) and answer.suspects:
                LOG.info("%s has suspects: %s", check_id, answer.suspects)
                yield self._progress(f"{check_id}: {answer.reason}")
                self._suspected[check_id] = answer.suspects
            elif isinstance(answer, rules.Ask) and self._rounds[check_id] < ROUNDS:
                LOG.info("%s is measured again, round %d: %s", check_id, self._rounds[check_id] + 1, answer.reason)
                yield self._progress(f"{check_id}: {answer.reason}")
                schedule.add(self._ask_again(check, answer))
            elif isinstance(answer, rules.Ask):
                yield finding(
                    check,
                    rules.Verdict("inconclusive", f"not decided after {ROUNDS} rounds of measuring: {answer.reason}"),
                )
            else:
                yield answer

    def _confirmations(self) -> list[Job]:
        """
        The fresh processes that confirm or clear the suspects of all checks; called once nothing else is open.

        The level holds for all suspects of the audit together. The coin of each process is drawn here, by the system's
        generator, before any of them starts.
        """
        suspected = [(check, suspect) for check, found in self._suspected.items() for suspect in found]
        self._suspected = {}
        number = suspects.processes_needed(suspects.suspected_names(suspect for _, suspect in suspected))
        arms = suspects.drawn([suspect for _, suspect in suspected], number, secrets.SystemRandom())
        wanted = [(self._checks[check], found) for (check, _), found in zip(suspected, arms, strict=True)]
        for check, found in wanted:
            self._asked[check.id] += [arm.settings for arm in found]
        return self._enlisted(plan.jobs_for(wanted, self.options.runs))

    def _ask_again(self, check: CheckInfo, answer: rules.Ask) -> list[Job]:
        self._rounds[check.id] += 1
        self._asked[check.id] += [arm.settings for arm in answer.arms]
        return self._enlisted(plan.jobs_for([(check, answer.arms)], self.options.runs))


def _describe(job: Job) -> str:
    """What a process does, as text."""
    names = [name for step in job.steps for name in (step.get("check") or "facts",)]
    kinds = list(dict.fromkeys(names))
    told = ", ".join(kinds[:2]) + (f" and {len(kinds) - 2} more" if len(kinds) > 2 else "")
    changed = ", ".join(f"{name}={value}" for name, value in job.settings.items() if name != "compile-cache")
    return f"{told} ({changed})" if changed else told
