"""The results that `auditor replay --json` and `auditor compare --json` print, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..compare.facts import FactDifference
from .divergence_model import (
    Cause,
    Divergence,
    Line,
    Proof,
    ProofRun,
    Reproducer,
    ResultModel,
    SuggestedCure,
    TriedFactor,
    ValueRuns,
    Vanished,
)

__all__ = [  # names of a lower module that are part of this interface; all others are defined here
    "Cause",
    "Divergence",
    "Line",
    "Proof",
    "ProofRun",
    "Reproducer",
    "ResultModel",
    "SuggestedCure",
    "TriedFactor",
    "ValueRuns",
    "Vanished",
]

Verdict = Literal["identical", "diverged", "inconclusive"]
Stopped = Literal["interrupted", "budget"]


class Sensitivity(ResultModel):
    """The effect of one factor alone."""

    factor: str
    value: str
    innocent: bool
    """Whether a correct result must not depend on it."""
    runs: int
    """Runs made under it."""
    verdict: Verdict
    """
    If the baseline runs agree: whether a run under the factor agrees with them. If they diverge: whether runs under
    the factor agree with each other.
    """
    first: str = ""
    """The first operation that differs, with its line."""
    relative_difference: float | None = None
    """Of a factor under which bits may differ by rounding: the largest relative difference of printed numbers."""
    note: str = ""


class Spread(ResultModel):
    """The metric that the user named, over runs."""

    pattern: str
    repeats: list[float]
    seeds: list[float] = []


class Confidence(ResultModel):
    """Confidence in an agreement, or the rate of a divergence."""

    runs: int
    rate_bound_95: float | None
    """Of identical runs: upper bound (95 %) of the divergence rate."""
    rate: float | None = None
    """Divergence rate: divergent runs / all runs, counting the baseline as agreeing."""


class DifferingText(ResultModel):
    """A line of output that differs between runs."""

    stream: str
    """stdout, stderr or a file."""
    line: int
    """Counted from 1."""
    first: str
    second: str
    """The line of two runs."""
    kind: Literal["computed", "time", "identity"] = "time"


class EarlierFiles(ResultModel):
    """What a run does that finds what the first one wrote."""

    effect: Literal["not-looked-for", "not-tried", "same", "other", "ends-otherwise", "varies"]
    files: list[str] = []
    """What it looks for, relative to the working folder."""


class Compared(ResultModel):
    """A kind of what was compared, and how much of it the first run gave."""

    kind: str
    """operations, stdout, stderr, or files and their format."""
    count: int


class NotCompared(ResultModel):
    """What was not compared, and why."""

    what: str
    why: str


class DifferingPlace(ResultModel):
    """A place at which two runs differ."""

    where: str
    """stdout, stderr or a file."""
    place: str
    """The line, or the value in a file; empty for a whole file."""
    kind: Literal["computed", "time", "identity"]
    """Whether it is a result, a point in time or a duration, or what names the run, a process or a temporary file."""
    first: str
    second: str


class LeftFile(ResultModel):
    """A file that somebody else changed while the replay ran, as far as can be told: it was left as it is."""

    path: str
    why: str


class Resume(ResultModel):
    """Whether stopping and resuming gives the same run."""

    verdict: Verdict
    step: int | None = None
    """The optimizer step of the whole run, from 1, at which the resumed one first differs; None if none does."""
    unsaved_state: str | None = None
    """The state that explains the difference: what the checkpoint does not hold, or what was not restored."""
    effect: str = ""
    """What the resumed run does otherwise."""
    also_differs: list[str] = []
    """Other state that differs at that step."""
    differs: list[str] = []
    """All that differs in that step, causes before effects: weights, optimizer, scheduler, scaler, settings, samples,
    gradient, buffers, update, length."""
    from_step: int = 0
    """Steps of the whole run before the one with which the resumed run goes on."""
    steps: int = 0
    """Steps of the whole run."""
    resumed_steps: int = 0
    """Steps of the resumed run."""
    samples_lost: int = 0
    """Samples that the whole run used after the checkpoint more often than the resumed run did."""
    samples_repeated: int = 0
    """Samples that the resumed run used more often."""
    by: Literal["steps", "values"] = "steps"
    """Whether optimizer steps were compared, or, without an optimizer of torch, the values of the program's statements
    (`step` then counts iterations of its loop)."""
    process: str = "main"
    """The process in which it differs first."""
    op: str = ""
    """The first operation or draw of the step that differs, if it is recorded."""
    source: Line | None = None
    """Its line; else that of the optimizer step."""
    losses: list[float | None] = []
    """The loss of that step in the whole and in the resumed run."""


class Result(ResultModel):
    """What `auditor replay --json` prints: verdict, what differs, where and why, cure, cost."""

    verdict: Verdict
    partial: bool = False
    """Whether the replay ended before it was complete: the verdict and what follows are what was known then."""
    partial_why: Stopped | None = None
    """`interrupted` by a signal; or the `budget` of runs or time ended before a cause was proven, or all refuted."""
    runs: int
    """Baseline runs."""
    ops: int
    """Operations recorded in the first run."""
    exit_codes: list[int]
    outputs_differ: list[str] = []
    """Which of stdout and the files that were written differ between runs."""
    differences: list[DifferingPlace] = []
    """The first place of each output that differs, with the values of two runs."""
    compared: list[Compared] = []
    not_compared: list[NotCompared] = []
    texts: list[DifferingText] = []
    """Lines of the output that differ: those whose words are equal, or else the first one of stdout."""
    only_times: list[DifferingText] = []
    """If the verdict is `identical`: lines that differ in times, process ids or names that hold them only."""
    vanished: list[Vanished] = []
    """If the verdict is `identical`: differences that reach nothing."""
    operations_equal: bool | None = None
    """
    If the verdict is `identical`: whether all that was recorded is equal in all runs. If not, what differs reaches
    nothing, or computes on durations.
    """
    earlier_files: EarlierFiles | None = None
    """If runs from the same files are identical: what a run does that finds what the first one wrote."""
    resume: Resume | None = None
    """With --resume: whether the resumed run goes on as the whole one."""
    divergence: Divergence | None = None
    """Where the runs began to differ, and why."""
    remedy: SuggestedCure | None = None
    reproducer: Reproducer | None = None
    sensitivity: list[Sensitivity] = []
    metric: Spread | None = None
    confidence: Confidence
    problems: list[str] = []
    """Why the verdict is inconclusive, or what limits it."""
    seconds: list[float] = Field(default=[])
    """Of each baseline run."""
    further_runs: int = 0
    """Runs after the baseline runs: for the cause and its place, for --vary and --metric."""
    further_seconds: float = 0.0
    """How long these took in all."""
    files_left: list[LeftFile] = []
    not_restored: list[str] = []
    """Files that a run changed or removed and of which there was no copy: later runs started without them."""
    unprotected: list[str] = []
    """Files that were not copied before the first run (`--protect`), the largest first; links to folders outside."""
    kept_in: list[str] = []
    """Folders with versions of files that were neither put back nor deleted."""


class RecordedStep(ResultModel):
    """The step of one run at which two runs differ."""

    op: str
    index: int
    meta: str
    digest: str
    source: Line | None


class TaskDifference(ResultModel):
    """The first difference of one task of one process."""

    process: str
    task: int
    kind: Literal["content", "branch", "only-in-first", "only-in-second"]
    first: RecordedStep | None
    second: RecordedStep | None
    branch: Line | None = None
    """If the runs took different steps: the statement that decided it, if found; else the first line of one path."""
    decided: bool = False
    only_first: list[Line] = []
    only_second: list[Line] = []


class TraceComparison(ResultModel):
    """What `auditor compare --json` prints of two traces."""

    verdict: Literal["identical", "differs", "cannot-tell"]
    operations: tuple[int, int]
    processes: tuple[int, int]
    differences: list[TaskDifference] = []
    outputs_differ: list[str] = []
    """Which of exit code, stdout and files differ, as the traces' descriptions say."""
    facts: list[FactDifference] = []
    """Versions, settings and other facts of the two environments that differ, with their effect on numbers."""
    problems: list[str] = []
    """Why there is no verdict, or what limits it."""
    notes: list[str] = []
