"""Plans the processes of an audit: the settings of each, and the steps that it runs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..catalogue.catalogue import CheckInfo, FactGroup
from ..factors.factors import arms_across, started_with
from ..frameworks import FRAMEWORKS
from ..rules import Arm

Step = dict[str, Any]
"""What a process is asked for: a check or a group of facts, how often, under which settings."""
ONCE = frozenset(("hash-seed", "memory-fill", "tmp"))
"""Factors under which one call of `measure` is enough."""
STEPPED_BACK = 10
"""Niceness of processes that give way to torch's."""


@dataclass(frozen=True)
class Job:
    """One process to start."""

    framework: str
    """The framework that is imported first; empty for Python and the environment."""
    settings: Mapping[str, str]
    """The settings that differ from the user's environment."""
    steps: tuple[Mapping[str, Any], ...]
    """The steps that it runs, in order."""
    quiet: bool = False
    """Whether it measures alone: no other process of the audit runs at that time."""
    shared: bool = True
    """Whether several checks and the facts may share the process."""
    leaving: int = 0
    """How many of its last steps leave state behind: nothing may follow them."""
    number: int = field(default=0, compare=False)
    """1-based index among this framework's processes; `name` derives from it."""

    @property
    def name(self) -> str:
        """The name of the process in readings."""
        return f"{self.framework or 'python'}-{self.number}"

    def checks(self) -> list[str]:
        """The ids of the checks that it measures, each once."""
        return list(dict.fromkeys(step["check"] for step in self.steps if "check" in step))


def first_arms(check: CheckInfo, runs: int = 0) -> tuple[Arm, ...]:
    """The arms of the first round: unchanged processes, the perturbed one, and one for each value of each factor."""
    arms = [Arm({}, max(runs, 2) if "process" in check.across else 1)]
    for name in check.across:
        arms += [Arm(settings) for settings in arms_across(name, check.fixed) if Arm(settings) not in arms]
    return tuple(arms)


def repeats(check: CheckInfo, runs: int = 0, settings: Mapping[str, str] | None = None) -> int:
    """
    How often `measure` is called in one process.

    Once where the settings only change what no result may depend on (`ONCE`): whether calls agree is measured in the
    unchanged processes, and the first call tells whether such a process computes something else.
    """
    if "repeat" not in check.across or (settings and ONCE.issuperset(settings) and runs <= 1):
        return 1
    return max(check.repeats, runs)


def process_of(check: CheckInfo) -> str:
    """The framework whose process measures the check; empty for Python's checks and the lints of the environment."""
    return check.on or (check.framework if check.framework in FRAMEWORKS else "")


def jobs_for(wanted: Iterable[tuple[CheckInfo, Sequence[Arm]]], runs: int = 0) -> list[Job]:
    """
    The processes that measure these checks in these arms.

    Checks share a process where they can, so that a framework is imported once. A check with `isolates` gets its own
    process, shares one with those that have its word (`together`), or takes the end of one that others share
    (`_with_guests`); checks that compile share one with each other, and so do checks that must measure alone.
    """
    shared: dict[_Key, list[Step]] = {}
    wanted = list(wanted)
    for check, arms in wanted:
        for arm in arms:
            settings = check.steady | dict(arm.settings)
            for copy in range(arm.processes):
                alone, start = _alone(check), started_with(settings, check.fixed)
                quiet = check.quiet and settings.get("threads") != "1"  # one thread cannot race
                key = _Key(process_of(check), tuple(sorted(start.items())), copy, alone, quiet)
                step: Step = {"check": check.id, "repeats": repeats(check, runs, arm.settings)}
                if arm.names:
                    step["names"] = list(arm.names)
                if changed := {name: value for name, value in settings.items() if start.get(name) != value}:
                    step["settings"] = changed
                shared.setdefault(key, []).append(step)
    guests = {check.id for check, _ in wanted if check.last and not check.together}
    late = {check.id for check, _ in wanted if check.last}
    ordered = {key: sorted(steps, key=lambda step: _place(step, late)) for key, steps in shared.items()}
    return [
        Job(key.framework, dict(key.start), (*ordered[key], *end), key.quiet, not key.alone, len(end))
        for key, end in _with_guests(ordered, guests).items()
    ]


class _Key(NamedTuple):
    """What steps have in common that run in one process."""

    framework: str
    start: tuple[tuple[str, str], ...]
    """The settings with which it starts."""
    copy: int
    """0-based index among processes that are alike."""
    alone: str
    """The check that isolates, or the word of those that share its process; empty where any others do."""
    quiet: bool


def _with_guests(steps: Mapping[_Key, Sequence[Step]], guests: Container[str]) -> dict[_Key, Sequence[Step]]:
    """
    The processes to start, each with the steps of at most one check that follow its own.

    A check declared `last` leaves state behind but needs no fresh process: it ends the last copy of a shared process
    that starts as its own would. This saves imports: 5 s for torch with its compiler.
    """
    taken: dict[_Key, Sequence[Step]] = dict.fromkeys(steps, ())
    for guest in [key for key in steps if key.alone in guests]:
        alike = guest._replace(alone="", copy=0)
        hosts = [key for key, end in taken.items() if key._replace(copy=0) == alike and not end]
        if hosts:
            taken[max(hosts, key=lambda key: key.copy)] = steps[guest]
            del taken[guest]
    return taken


def _alone(check: CheckInfo) -> str:
    """Who shares a process with nobody else: the check, or those of its word; empty where any others may."""
    return (check.together or check.id) if check.isolates else ""


def _place(step: Mapping[str, Any], late: Container[str]) -> tuple[bool, bool]:
    """Sort key: what keeps the settings of the process comes first, as nothing sets them back; `late` after others."""
    return "settings" in step, step["check"] in late


def with_facts(jobs: Sequence[Job], groups: Sequence[FactGroup], frameworks: Sequence[str]) -> list[Job]:
    """
    The jobs, with the steps that read facts added to the first unchanged, shared process of each framework.

    A framework without such a process gets one for its facts.
    """
    done = list(jobs)
    for framework in ("", *frameworks):
        asked = [group for group in groups if group.framework == framework and not group.apart]
        before = tuple({"facts": group.name} for group in asked if group.when == "before")
        after = tuple({"facts": group.name} for group in asked if group.when == "after")
        if not before + after:
            continue
        place = next((index for index, job in enumerate(done) if _takes_facts(job, framework)), None)
        host = Job(framework, {}, ()) if place is None else done.pop(place)
        end = len(host.steps) - host.leaving
        done.insert(0, replace(host, steps=before + host.steps[:end] + after + host.steps[end:]))
    apart = [Job("", {}, ({"facts": group.name},)) for group in groups if group.apart]
    return done[:1] + apart + done[1:]


def niceness(job: Job) -> int:
    """
    The niceness of a process: 0 for torch and for quiet jobs, `STEPPED_BACK` for all others.

    Threads of torch's OpenMP pool wait by spinning. With another busy process each short loop then takes a scheduler
    slice: a step of 0.1 s took 3.8 s. The pools of the other frameworks sleep while they wait.

    Beside the busy processes of `contention`, which do not step back, one that does gets a tenth of a processor.
    """
    first = job.framework == "torch" or job.quiet or "contention" in job.settings
    return 0 if first else STEPPED_BACK


def _takes_facts(job: Job, framework: str) -> bool:
    return job.framework == framework and not job.settings and not job.quiet and job.shared
