"""
When a counterfactual counts (REPLAY.md): the origin vanishes in every pair, often enough, and comes back on release.

The rate p of the origin is measured first; n runs under the factor count when (1-p)^n is at most 0.05. A run that
fails, is cut or whose recorder failed proves nothing. Then the factor is taken away, and the origin must show again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..rules.confidence import clean_runs_needed
from .align import compare
from .experiment import Run
from .findings import Identity, Origin
from .hypotheses import Hypothesis
from .model import Tried
from .origin import find
from .trace import open_trace

MOST_RUNS = 12
"""Runs that one counterfactual may cost; a rarer fault stays unproven."""
MOST_RELEASES = 8

Runner = Callable[[Mapping[str, str], str], Run]
"""Runs the experiment once: settings, and a text for people of what this run is for."""


@dataclass(frozen=True)
class Proof:
    """What came of a hypothesis."""

    hypothesis: Hypothesis
    tried: Tried
    proven: bool
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two runs compared."""

    usable: bool
    """Whether anything follows: both complete, equal exit codes, no problem of the recorder's."""
    differs: bool
    origin: Origin | None = None
    note: str = ""
    """Why it is not usable."""
    holds: Callable[[Identity], bool] = lambda _identity: False


def pair(first: Run, second: Run, *, search: bool) -> Pair:
    """Compare two runs; with `search` also find the origin (it needs traces of the detail tier)."""
    note = _obstacle(first, second)
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        alignment = compare(one, other)
        if alignment.problems or alignment.cut:
            note = note or "; ".join(
                [*alignment.problems[:2], *(f"the stream {key} was cut" for key in alignment.cut[:2])]
            )
        printed = bool(outputs_differ(first, second))
        differs = bool(alignment.differences) or printed
        if not differs or not search:
            return Pair(not note, differs, note=note)
        found = find(one, other)
        return Pair(not note, differs, found.origin, note, found.holds)


def outputs_differ(first: Run, second: Run) -> list[str]:
    """Which of stdout and the files that were asked for differ; stderr holds times and addresses, and is left out."""
    names = ["stdout"] if first.stdout.sha256 != second.stdout.sha256 else []
    files = {file.path: file.sha256 for file in first.files}
    others = {file.path: file.sha256 for file in second.files}
    return names + [str(path) for path in sorted({*files, *others}) if files.get(path) != others.get(path)]


def _obstacle(first: Run, second: Run) -> str:
    for run in (first, second):
        if run.timed_out:
            return "a run did not end in time"
        if run.problems:
            return run.problems[0]
    if first.exit_code != second.exit_code:
        return f"exit codes differ: {first.exit_code} and {second.exit_code}"
    return ""


def try_it(run: Runner, hypothesis: Hypothesis, base: Run, origin: Origin | None, rate: float) -> Iterator[Proof]:
    """
    Run the experiment under a hypothesis until it fails or is proven; yields one Proof at the end.

    `base` is a run without the factor, whose exit code the others must have.
    """
    needed = clean_runs_needed(rate)
    runs = [run(hypothesis.settings, f"with {_told(hypothesis.settings)}")]
    if runs[0].exit_code != base.exit_code or runs[0].timed_out:
        note = f"it ended with exit code {runs[0].exit_code}, without the factor with {base.exit_code}"
        yield Proof(hypothesis, _tried(hypothesis, runs, diverged=None, note=note), proven=False)
        return
    if needed > MOST_RUNS:
        yield Proof(
            hypothesis, _tried(hypothesis, runs, diverged=None, note=f"would need {needed} clean runs"), proven=False
        )
        return
    while len(runs) <= needed:
        runs.append(run(hypothesis.settings, f"with {_told(hypothesis.settings)}, {len(runs) + 1} of {needed + 1}"))
        compared = pair(runs[0], runs[-1], search=True)
        if not compared.usable:
            yield Proof(hypothesis, _tried(hypothesis, runs, diverged=None, note=compared.note), proven=False)
            return
        if _shows(compared, origin):
            yield Proof(hypothesis, _tried(hypothesis, runs, diverged=True), proven=False)
            return
    back = _released(run, base, origin)
    note = "" if back else f"after its release the origin did not show again in {MOST_RELEASES} runs"
    seconds = tuple(one.seconds for one in runs)
    yield Proof(hypothesis, _tried(hypothesis, runs, diverged=False, note=note), proven=back, seconds=seconds)


def _released(run: Runner, base: Run, origin: Origin | None) -> bool:
    """Whether the origin shows again without the factor."""
    for number in range(MOST_RELEASES):
        again = run({}, f"released, {number + 1} of at most {MOST_RELEASES}")
        compared = pair(base, again, search=True)
        if compared.usable and _shows(compared, origin):
            return True
    return False


def _shows(compared: Pair, origin: Origin | None) -> bool:
    return compared.differs if origin is None else compared.holds(origin.identity)


def _tried(hypothesis: Hypothesis, runs: list[Run], *, diverged: bool | None, note: str = "") -> Tried:
    return Tried(factor=hypothesis.factor, settings=hypothesis.settings, runs=len(runs), diverged=diverged, note=note)


def _told(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())
