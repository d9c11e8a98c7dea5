"""The result of a replay as it goes to users: the JSON of `auditor replay --json`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["identical", "diverged", "inconclusive"]
Cause = Literal[
    "unseeded-random",
    "nondeterministic-op",
    "uninitialised-memory",
    "hash-order",
    "address-order",
    "file-order",
    "clock",
    "thread-order",
    "outside-input",
    "unknown",
]


class Told(BaseModel):
    """Base: immutable, names as in the JSON (snake_case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(Told):
    """A line of the user's program."""

    file: str
    line: int
    code: str = ""
    function: str = ""


class Tried(Told):
    """One counterfactual: what was changed, and what came of it."""

    factor: str
    settings: dict[str, str]
    runs: int
    """Runs made under it."""
    diverged: bool | None
    """Whether the origin showed under it; None if the runs could not be compared."""
    note: str = ""


class Divergence(Told):
    """Where the runs began to differ, and why."""

    framework: str
    op: str
    index: int
    """The record of the first run's stream."""
    step: int = 0
    """How often the same was done at the same line before."""
    rank: int | None = None
    process: str = "main"
    task: int = 0
    inputs_equal: bool | None
    evidence: str
    cause: Cause = "unknown"
    generator: str | None = None
    seeded: bool | None = None
    """Of a draw: whether anything ever seeded its generator."""
    from_system: Line | None = None
    """Of a draw: the seed call that took the system's entropy, where one is to blame."""
    source: Line | None = None
    enters: Line | None = None
    """The operation's own line, where `source` is an earlier statement of Python's that made what differs."""
    meta: str = ""
    """Dtype, shape and device of the outputs."""
    reaches: str = ""
    """What the user reads that differs because of it."""
    received: list[str] = []
    max_ulp: int | None = None
    """The largest distance of two outputs, in units in the last place; None where it was not measured."""
    outputs: list[str] = []
    """Each output that differs and by how much; where that was not measured, all of them."""
    module: str = ""
    """The path of the model's module that was at work, where there is one."""
    zoom: str = ""
    """Of a compiled region or a jitted call: what its evaluation operation by operation showed."""
    ruled_out: list[Tried] = []


class Cure(Told):
    """What to add or to set, and whether it was proven here."""

    text: str
    proven: bool = False
    env: dict[str, str] = {}
    code: str = ""
    cost: float | None = None
    """Run time under the cure divided by that without (medians); None if not measured."""
    remaining: str = ""
    """What still differs under a proven cure, since something else begins there; empty if nothing does."""


class Sensitivity(Told):
    """What one factor alone does to the experiment."""

    factor: str
    value: str
    innocent: bool
    """Whether no result may depend on it."""
    runs: int
    """Made under it."""
    verdict: Verdict
    """
    Where the runs as they are agree: whether those under the factor agree with them. Where they do not: whether those
    under the factor agree with each other.
    """
    first: str = ""
    """The first operation that differs, with its line."""
    note: str = ""


class Spread(Told):
    """The number that people report, over runs."""

    pattern: str
    repeats: list[float]
    seeds: list[float] = []


class Reproducer(Told):
    """A script that shows the divergence alone, as it was run before it was handed over."""

    folder: str
    diverged: int
    """How many of its calls gave other bits than its first."""
    calls: int
    note: str = ""
    """Why there is none, or why it did not diverge."""


class Confidence(Told):
    """How sure the agreement, or the cause, is."""

    runs: int
    rate_bound_95: float | None
    """Of identical runs: the upper bound on the rate of differing."""
    rate: float | None = None
    """Of diverged runs: how many of the pairs showed the origin."""


class Result(Told):
    """What `auditor replay --json` prints."""

    verdict: Verdict
    runs: int
    ops: int
    """Operations recorded in the first run."""
    exit_codes: list[int]
    divergence: Divergence | None = None
    outputs_differ: list[str] = []
    """Of stdout, stderr and the files that were asked for: what differs between runs."""
    sensitivity: list[Sensitivity] = []
    remedy: Cure | None = None
    reproducer: Reproducer | None = None
    metric: Spread | None = None
    confidence: Confidence
    problems: list[str] = []
    """Why a verdict is inconclusive, or what is weaker than it looks."""
    seconds: list[float] = Field(default=[])


class Step(Told):
    """What one run did where two differ."""

    op: str
    index: int
    meta: str
    digest: str
    source: Line | None


class Parting(Told):
    """The first difference of one task of one process."""

    process: str
    task: int
    kind: Literal["content", "branch", "only-in-first", "only-in-second"]
    first: Step | None
    second: Step | None
    branch: Line | None = None
    """Where they took different ways: the statement that decided, if it was found; else the first line of one way."""
    decided: bool = False
    only_first: list[Line] = []
    only_second: list[Line] = []


class Comparison(Told):
    """What `auditor compare --json` prints of two traces."""

    verdict: Literal["identical", "differs", "cannot-tell"]
    operations: tuple[int, int]
    processes: tuple[int, int]
    differences: list[Parting] = []
    outputs_differ: list[str] = []
    """Of what the descriptions say: exit code, stdout, files."""
    problems: list[str] = []
    """Why nothing, or less, can be said."""
    notes: list[str] = []
