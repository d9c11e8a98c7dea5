"""The plan: which processes are started, with which settings, and which steps each of them answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalogue.catalogue import CheckInfo, FactGroup
from ..factors.factors import arms_across, started_with
from ..frameworks import FRAMEWORKS
from ..rules import Arm

STEPPED_BACK = 10


@dataclass(frozen=True)
class Job:
    """One process to start."""

    framework: str
    """The framework that is imported first; empty for Python and the environment."""
    settings: Mapping[str, str]
    """What is changed against the user's environment."""
    steps: tuple[Mapping[str, Any], ...]
    """What it answers, in order."""
    quiet: bool = False
    """Whether nothing else of ours may run beside it."""
    shared: bool = True
    """Whether several checks, and the facts, may share it."""
    number: int = field(default=0, compare=False)
    """Its number within its framework, which makes its name."""

    @property
    def name(self) -> str:
        """The name of the process in readings."""
        return f"{self.framework or 'python'}-{self.number}"

    def checks(self) -> list[str]:
        """The ids of the checks that it measures, each once."""
        return list(dict.fromkeys(step["check"] for step in self.steps if "check" in step))


def first_arms(check: CheckInfo, runs: int = 0) -> tuple[Arm, ...]:
    """The arms of the first round: untouched processes, the perturbed one, and one for each value of each factor."""
    arms = [Arm({}, max(runs, 2) if "process" in check.across else 1)]
    for name in check.across:
        arms += [Arm(settings) for settings in arms_across(name, check.fixed) if Arm(settings) not in arms]
    return tuple(arms)


def repeats(check: CheckInfo, runs: int = 0) -> int:
    """How often `measure` is called in one process."""
    return max(check.repeats, runs) if "repeat" in check.across else 1


def process_of(check: CheckInfo) -> str:
    """The framework whose process measures it: Python's checks and the lints share one without any."""
    return check.on or (check.framework if check.framework in FRAMEWORKS else "")


def jobs_for(wanted: Iterable[tuple[CheckInfo, Sequence[Arm]]], runs: int = 0) -> list[Job]:
    """
    The processes that measure these checks in these arms.

    Checks that allow it share a process: one import, many checks. One that isolates has its own; those that compile
    share theirs with others that do, and those that must run quietly with nobody who need not.
    """
    shared: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for check, arms in wanted:
        for arm in arms:
            settings = check.steady | dict(arm.settings)
            for copy in range(arm.processes):
                alone, start = check.id if check.isolates else "", started_with(settings, check.fixed)
                quiet = check.quiet and settings.get("threads") != "1"  # one thread races with nobody
                key = (process_of(check), tuple(sorted(start.items())), copy, alone, quiet)
                step: dict[str, Any] = {"check": check.id, "repeats": repeats(check, runs)}
                if arm.names:
                    step["names"] = list(arm.names)
                if changed := {name: value for name, value in settings.items() if start[name] != value}:
                    step["settings"] = changed
                shared.setdefault(key, []).append(step)
    return [
        Job(framework, dict(settings), tuple(sorted(steps, key=_changes)), quiet, shared=not alone)
        for (framework, settings, _, alone, quiet), steps in shared.items()
    ]


def _changes(step: Mapping[str, Any]) -> bool:
    """Steps in the process's own settings come before those that change one."""
    return "settings" in step


def with_facts(jobs: Sequence[Job], groups: Sequence[FactGroup], frameworks: Sequence[str]) -> list[Job]:
    """
    The jobs, with the steps of facts added to the first untouched shared process of each framework.

    That process runs in the user's untouched environment. A framework without such a process gets one for its facts.
    """
    done = list(jobs)
    for framework in ("", *frameworks):
        asked = [group for group in groups if group.framework == framework and not group.apart]
        before = tuple({"facts": group.name} for group in asked if group.when == "before")
        after = tuple({"facts": group.name} for group in asked if group.when == "after")
        if not before + after:
            continue
        place = next((index for index, job in enumerate(done) if _takes_facts(job, framework)), None)
        steps = () if place is None else done.pop(place).steps
        done.insert(0, Job(framework, {}, before + steps + after))
    apart = [Job("", {}, ({"facts": group.name},)) for group in groups if group.apart]
    return done[:1] + apart + done[1:]


def niceness(job: Job) -> int:
    """
    How far a process steps back: torch's goes first.

    Threads of its OpenMP pool wait by spinning. Beside another busy process each short loop then lasts a slice of the
    scheduler: a step of 0.1 s took 3.8 s. The pools of the others sleep, so stepping back costs them only their turn.
    """
    return 0 if job.framework == "torch" or job.quiet else STEPPED_BACK


def _takes_facts(job: Job, framework: str) -> bool:
    return job.framework == framework and not job.settings and not job.quiet and job.shared
