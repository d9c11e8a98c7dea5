"""Runs of an experiment with given seeds, for the metric that each prints: `auditor claim` judges by them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .evidence import metric
from .evidence.metric import Reading
from .files.aside import Aside
from .files.told import sentences
from .runs.run import Run
from .runs.runner import ExperimentRunner


@dataclass(frozen=True)
class SeededOptions:
    """What to run."""

    command: Sequence[str]
    scratch: Path
    metric: str
    """The regular expression whose first group is the metric."""
    seeds: Sequence[str]
    seed_argument: str
    """Added to the command, with a seed in the place of {}."""
    timeout_seconds: float | None = None
    recorded: bool = False
    """Whether the traces and the facts of the first run are kept for a manifest."""
    show: bool = True
    """Whether the first run's output is passed through."""


@dataclass
class Seeded:
    """The runs that ended, up to the first one without a metric."""

    runs: list[Run] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    problem: str = ""
    """Why the runs give no values to judge by: one failed, or printed no metric. Then no further run was made."""
    notes: list[str] = field(default_factory=list)
    """What became of the files around the runs."""

    @property
    def values(self) -> list[float]:
        """The metric of each run."""
        return metric.values(self.readings)


def run(options: SeededOptions, announce: Callable[[str], None], aside: Aside | None = None) -> Seeded:
    """
    One run for each seed, each from the same files; what the first one wrote stays.

    Raises KeyboardInterrupt when we are told to stop, once all processes have ended and files are as after one run;
    UsageError for a seed argument without a place, and for a command that cannot be started.
    """
    arguments = metric.seed_arguments(options.seed_argument, options.seeds)
    runner = ExperimentRunner(
        options.command,
        options.scratch,
        announce,
        timeout_seconds=options.timeout_seconds,
        portable=options.recorded,
        show=options.show,
        baseline=len(arguments),
        aside=aside,
    )
    found = Seeded()
    with aside or contextlib.nullcontext():
        for argument, made in zip(arguments, metric.seeded(runner, arguments, facts=options.recorded), strict=True):
            found.runs.append(made)
            reading = None if _failed(made) else metric.read(options.metric, made)
            problem = _failed(made) or (reading.problem if reading else "")
            if problem or reading is None:
                found.problem = f"the run with {argument} gives no metric: {problem}"
                break
            found.readings.append(reading)
    found.notes = [*(sentences(aside.told) if aside else []), *_printed_often(found.readings)]
    return found


def _failed(made: Run) -> str:
    if made.timed_out:
        return "the command did not end in time and was ended (--timeout)"
    return f"the command failed with exit code {made.exit_code}" if made.exit_code else ""


def _printed_often(readings: Sequence[Reading]) -> list[str]:
    """What is said where the metric was printed more than once, and differently."""
    most = max((one.matches for one in readings if one.various), default=0)
    if not most:
        return []
    return [f"a run printed the metric up to {most} times, with different values: the last one of each run counts"]
