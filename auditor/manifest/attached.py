"""What an audit can hold beside its findings: a replay, a rebuilt image, a program that was run under the recorder."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from .parts import Part, Sha256


class Varied(Part):
    """What one factor alone did to a replayed experiment (`auditor replay --vary`)."""

    factor: str
    """The factor, as `--vary` names it."""
    value: str
    """The value that was tried."""
    runs: int
    """Runs made under it."""
    verdict: Literal["identical", "diverged", "inconclusive"]
    """
    If the baseline runs agree: whether a run under the factor agrees with them, for `compile` up to rounding. If they
    diverge: whether runs under the factor agree with each other.
    """
    innocent: bool = False
    """Whether no correct result depends on it."""
    first: str = ""
    """The first operation that differs, with its line."""
    relative_difference: str = ""
    """The largest relative difference of printed numbers, where it was measured, as `float.hex()`."""
    note: str = ""
    """What limits the row."""


class Left(Part):
    """What a replay did not compare, and why."""

    what: str
    why: str


class Differing(Part):
    """A place at which two runs of a replay differ, with what each of them has there."""

    where: str
    """stdout, stderr or a file."""
    place: str = ""
    """The line, or the value in a file; empty for a whole file."""
    kind: Literal["computed", "time", "identity"]
    """Whether it is a result, a point in time or a duration, or what names the run."""
    first: str
    second: str
    """The texts or amounts of two runs, cut where they are long."""


class Replay(Part):
    """An experiment that was run several times in this environment (`auditor replay --attach`)."""

    verdict: Literal["identical", "diverged", "inconclusive"]
    """Whether its runs gave the same bits."""
    partial: Literal["", "interrupted", "budget"] = ""
    """What ended the replay before it was complete, if anything did: the verdict is what was known then."""
    command: list[str]
    """What was run."""
    runs: int
    """Number of baseline runs."""
    operations: int
    """Number of framework operations recorded in the first run."""
    rate_bound_95: str = ""
    """For identical runs: the upper 95 % bound on the divergence rate, as `float.hex()`."""
    exit_codes: list[int] = []
    """The exit code of each run."""
    stdout_sha256: Sha256 | Literal[""] = ""
    """The digest of the first run's stdout."""
    files: dict[str, Sha256] = {}
    """The compared files that the first run wrote: path to digest."""
    traces: dict[str, Sha256] = {}
    """The distinct packed traces of its runs: name to digest. They are also subjects of the manifest."""
    divergence: dict[str, JsonValue] = {}
    """The first divergence of its runs, and its cause."""
    differences: list[Differing] = []
    """The first place of each output that differs between its runs."""
    remedy: dict[str, JsonValue] = {}
    """The cure, and whether it was proven."""
    problems: list[str] = []
    """Why it is inconclusive, or its limitations."""
    sensitivity: list[Varied] = []
    """The factors that were varied (`--vary`), each alone."""
    not_compared: list[Left] | None = None
    """What was not compared. None in manifests that do not say it."""
    operations_equal: bool | None = None
    """For identical runs: whether all that was recorded is equal; else it differs in times or reaches nothing."""


class Pair(Part):
    """One value in the manifest to rebuild, and in the image."""

    manifest: str
    image: str


class Rebuild(Part):
    """Whether the audited image rebuilds the environment of another manifest (`auditor container verify`)."""

    verdict: Literal["rebuilt", "rebuilt-differs", "not-rebuilt", "inconclusive"]
    """
    `rebuilt`: the same software and the same results; `rebuilt-differs`: the same software on a different machine;
    `not-rebuilt`: different software, or different results on an equal machine; `inconclusive`: too little was
    measured.
    """
    manifest_sha256: Sha256
    """The digest of the payload of the manifest to rebuild."""
    checks: int
    """Checks that were measured on both sides."""
    values: int
    """Number of their values that are stable on both sides, and were compared."""
    software: dict[str, Pair] = {}
    """Differences in the software environment."""
    machine: dict[str, Pair] = {}
    """Differences in the machine that can change numbers."""
    settings: dict[str, Pair] = {}
    """Other differences in the image that can change numbers: variables, switches, system libraries."""
    readings: dict[str, list[str]] = {}
    """Checks with different results, with the names of the values."""
    cured: list[str] = []
    """Checks that failed in the manifest and pass in the image, which sets their remedies."""
    problems: list[str] = []
    """What could not be compared."""


class Seeding(Part):
    """A generator that the program draws from."""

    generator: str
    """`torch`, `numpy`, `python`, `tensorflow`, or `numpy generator` for one that the program made."""
    seeded: bool
    """Whether it was seeded at every draw."""
    draws: int
    """The number of draws that were counted."""
    file: str = ""
    """The line of the first draw without a seed, else of the first draw."""
    line: int = 0
    seeded_at: str = ""
    """File and line of the first seed call; empty if there was none."""


class Experiment(Part):
    """A program that was run once under the recorder (`auditor audit -- COMMAND`), and the operators that it calls."""

    command: list[str]
    """What was run; empty for an audit of another machine's operators (`--operators-of`)."""
    exit_code: int = 0
    """The program's own exit code; minus the signal's number if a signal ended it."""
    ended: Literal["by-itself", "for", "steps", "failed", "interrupted", "not-run"] = "by-itself"
    """What ended it: itself, `--for`, `--steps`, an error of its own, or the user."""
    seconds: int = 0
    """How long it ran, in whole seconds."""
    steps: int = 0
    """Steps of an optimizer that were seen."""
    processes: int = 0
    """Python processes that were recorded."""
    operations: int = 0
    """Calls of operators that were counted."""
    signatures: int = 0
    """Distinct operator signatures."""
    unseen: list[str] = []
    """What could not be seen, each with its reason. With any, what was not seen counts as unknown."""
    seeds: list[Seeding] = []
    """The generators that it draws from."""
    operators_sha256: Sha256 | Literal[""] = ""
    """The digest of the file of its operator signatures, `operators.json`."""
    measured: dict[str, dict[str, JsonValue]] = {}
    """Signature (its id) to what was measured when it was called again: outcome, digests of inputs and outputs."""
    left_out: dict[str, str] = {}
    """Signature (its id) to the reason why it was not called again."""
    price: dict[str, JsonValue] = {}
    """The time of the program with the cure against without it, where that was asked for (`--price`)."""
