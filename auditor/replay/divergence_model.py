"""A divergence in the results of a replay: where it began, its cause, the runs that prove it, and its cure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .trace.format import SourceLine

Cause = Literal[
    "unseeded-random",
    "seeded-too-late",
    "nondeterministic-op",
    "uninitialised-memory",
    "hash-order",
    "address-order",
    "file-order",
    "clock",
    "thread-order",
    "outside-input",
    "outside-state",
    "compile",
    "data-cache",
    "earlier-run",
    "unknown",
]


class ResultModel(BaseModel):
    """Base: immutable. Field names are those of the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(ResultModel):
    """A line of the user's program."""

    file: str
    line: int
    code: str = ""
    function: str = ""

    @classmethod
    def of(cls, source: SourceLine | None) -> Line | None:
        """A line of a trace; None if it is not known."""
        if source is None or not source.known:
            return None
        return cls(file=source.file, line=source.line, code=source.code, function=source.function)


class TriedFactor(ResultModel):
    """One intervention that was tried, and its outcome."""

    factor: str
    settings: dict[str, str]
    runs: int
    """Runs made under it."""
    diverged: bool | None
    """Whether the origin still occurred; None if the runs could not be compared."""
    without: int = 0
    """Runs without it whose arm a coin drew, between the runs under it."""
    shown: int = 0
    """Of these, the runs in which the origin occurred."""
    stake: float = 0.0
    """How much better its arm foretold the drawn runs than a factor without effect could; see `Proof.stake`."""
    note: str = ""


class ValueRuns(ResultModel):
    """Runs under one value of a factor that all gave the same."""

    settings: dict[str, str]
    runs: int


class ProofRun(ResultModel):
    """One run of a test."""

    settings: dict[str, str]
    """The value of the factor; empty for a run without it."""
    drawn: bool
    """Whether a coin drew its arm just before it; else it was made before the coin, or after the stake was reached."""
    differs: bool
    """Whether the origin occurred."""
    result: int
    """Runs with equal numbers gave the same at the origin."""


class Proof(ResultModel):
    """
    How it was proven that the origin vanishes under a factor, or that the factor's value decides what comes.

    A coin drew before each run whether the factor is on, or which value it has, so that events from outside prove
    nothing: the level is 1 % for the whole replay (docs/explanation/replay.md).
    """

    factor: str
    settings: dict[str, str]
    clean: int
    """Runs under the factor; the origin occurred in none of them."""
    without: int
    """Runs without it whose arm the coin drew."""
    shown: int
    """Of these, the runs in which the origin occurred."""
    values: int
    """Values of the factor that were run."""
    tried_values: list[dict[str, str]] = []
    """These values, as settings."""
    runs: list[ProofRun] = []
    """Each run of the test in order: its arm and its outcome."""
    stake: float = 0.0
    """How much better the arms foretold the drawn runs than those of a factor without effect could."""
    level: float = 0.0
    """Its share of the level: a factor without effect reaches a stake of 1 / level with at most this probability."""
    residual_95: float
    """The rate of the origin that so many clean runs leave possible under the factor (95 % confidence)."""
    switch: list[ValueRuns] = []
    """Two values that gave two of the results that came without the factor; empty if the coin drew on or off."""
    names_cause: bool
    """Whether the cause follows; else the factor removes the origin, and why is not shown."""


class Divergence(ResultModel):
    """Where the runs began to differ, and why."""

    framework: str
    op: str
    index: int
    """Index of its record in the first run's stream."""
    step: int = 0
    """How often the same operation ran at the same line before."""
    rank: int | None = None
    process: str = "main"
    task: int = 0
    inputs_equal: bool | None
    evidence: str
    cause: Cause = "unknown"
    generator: str | None = None
    seeded: bool | None = None
    """Of a draw: whether a recorded call ever seeded its generator."""
    from_system: Line | None = None
    """Of a draw: the call that seeded its generator from the system's entropy, if there is one."""
    seeded_later: Line | None = None
    """Of a draw: the call that seeds its generator, where that runs only after the draw."""
    source: Line | None = None
    enters: Line | None = None
    """The first operation that received the value, if `source` is an earlier line of Python that made it."""
    inside: str = ""
    """The function of a library that took the system's entropy, where the program's line called it."""
    called_from: Line | None = None
    """Of a line in a file that the program imports: the line of another of its files that called there."""
    meta: str = ""
    """Dtype, shape and device of the outputs."""
    reaches: str = ""
    """The read, print or save at which the difference becomes visible."""
    received: list[str] = []
    """Processes that received the difference from another one."""
    max_ulp: int | None = None
    """The largest distance between two outputs, in units in the last place; None if it was not measured."""
    outputs: list[str] = []
    """Each output that differs, with its distance; all outputs if distances were not measured."""
    module: str = ""
    """Path of the model's module in which it ran, if any."""
    zoom: str = ""
    """Of a compiled region or a jitted call: the outcome of evaluating it operation by operation."""
    because: str = ""
    """Of a cause that no factor can prove (`outside-state`): what shows it."""
    proof: Proof | None = None
    ruled_out: list[TriedFactor] = []
    absorbed: bool = False
    """Whether the operations that read the difference gave equal outputs all the same; a longer run need not."""


class Vanished(ResultModel):
    """A difference that reaches nothing: an output that no later operation reads where it differs."""

    op: str
    source: Line | None = None
    taken_by: str
    """The operation that took it; called again with other values there, it gave the same."""
    taken_at: Line | None = None


class SuggestedCure(ResultModel):
    """What to add or to set, and whether it was proven here."""

    text: str
    proven: bool = False
    env: dict[str, str] = {}
    code: str = ""
    ran: str = ""
    """What was run to prove it, where that is not what `env` or `code` say; empty where it is, or none is proven."""
    cost: float | None = None
    """Run time with the cure / run time without it (medians); None if not measured."""
    remaining: str = ""
    """What still differs under a proven cure, because another difference begins there; empty if nothing does."""


class Reproducer(ResultModel):
    """A script that shows the divergence alone, and what it gave when we ran it."""

    folder: str
    diverged: int
    """Calls whose output differs from that of the first call."""
    calls: int
    note: str = ""
    """Why there is none, or why it did not diverge."""
