"""
One replay: baseline runs, a verdict, the explanation of a divergence, the sensitivity table, and the metric.

Each run is the user's command as it is. Only a run under a factor changes anything, and only that factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import result
from .cause import sensitivity
from .cause.baseline_run import DivergenceCount, seen_in
from .cause.only_times import TextFinding, found_in
from .cause.run_pair import RunPair, compare_runs
from .evidence.metric import spread
from .explanation import DivergenceExplainer, Explained
from .model import Result, Spread, Verdict
from .runs.budget import RUNS, Budget
from .runs.run import Run
from .runs.runner import ExperimentRunner
from .texts.written import files_differ

LEAST_RUNS = 2
TIMED_OUT = "the command did not end in time and was ended (--timeout)"
NOTHING_COMPARED = "nothing was compared: no operation of a framework ran, nothing was printed, and no file was written"


@dataclass(frozen=True)
class ReplayOptions:
    """What the user asked for."""

    command: Sequence[str]
    scratch: Path
    runs: int = 3
    vary: Sequence[str] = ()
    files: Sequence[str] = ()
    ignore: Sequence[str] = ()
    """Patterns of files that the command writes and that are not compared."""
    timeout_seconds: float | None = None
    allow_failure: bool = False
    explain: bool = True
    """Whether to look for the cause of a divergence."""
    metric: str = ""
    seeds: int = 0
    seed_argument: str = ""
    reproducer: Path | None = None
    """The new folder for a script that shows the divergence alone."""
    budget_runs: int = RUNS
    """Runs after the baseline runs until the search for the cause ends."""
    budget_seconds: float | None = None
    """Seconds after the baseline runs until it ends; None for the default."""
    zoom: bool = True
    """Whether to evaluate a compiled region in which a divergence began, operation by operation."""
    portable: bool = False
    exact_output: bool = False
    """Whether every byte of the output counts, times too."""
    show: bool = True
    """Whether the first run's output is passed through."""


class Session:
    """
    A replay in progress; `announce` is told what each run is for.

    Raises KeyboardInterrupt when we are told to stop while a run is made; all its processes have ended by then.
    """

    def __init__(self, options: ReplayOptions, announce: Callable[[str], None]) -> None:
        self.options = options
        self.base: list[Run] = []
        """The baseline runs."""
        self._runs = ExperimentRunner(
            options.command,
            options.scratch,
            announce,
            options.files,
            options.timeout_seconds,
            options.portable,
            options.show,
            exact_output=options.exact_output,
            watch=True,
            ignore=options.ignore,
            budget=Budget(options.budget_runs, options.budget_seconds),
        )

    def record(self) -> Run:
        """One run, for its trace alone."""
        return replace(self._runs, watch=False).run({}, "recording")

    def run(self) -> Result:
        """Everything; returns the result. The traces stay in the scratch folder until the caller removes it."""
        wanted = max(LEAST_RUNS, self.options.runs)
        for number in range(wanted):
            self.base.append(self._runs.limited(self.base).run({}, f"as it is, {number + 1} of {wanted}"))
            if obstacle := self._obstacle(self.base[-1]):
                return result.build("inconclusive", self.base, [obstacle])
        pairs = [compare_runs(self.base[0], other, search=False) for other in self.base[1:]]
        problems = list(dict.fromkeys(one.note for one in pairs if not one.usable))
        if not all(map(result.processes_recorded, self.base)):
            problems.append(result.UNRECORDED)
        return self._judged(pairs, problems)

    def _obstacle(self, run: Run) -> str:
        """Why this run alone makes the replay inconclusive; empty if it does not."""
        if run.timed_out:
            return TIMED_OUT
        if run.exit_code and not self.options.allow_failure:
            reason = f"the command failed with exit code {run.exit_code}: runs that fail alike prove nothing"
            return f"{reason} (--allow-failure compares them all the same)"
        return ""

    def _judged(self, pairs: Sequence[RunPair], problems: Sequence[str]) -> Result:
        """The verdict of the baseline runs, and all that further runs add to it."""
        runs = self._runs.limited(self.base)
        texts = self._texts(pairs, problems, runs)
        differs = any(one.differs for one in pairs) and not texts.only_times
        seen = seen_in(self.base) if texts.why or differs else None
        seconds = runs.budget.begin([run.seconds for run in self.base])
        if seen and self.options.explain:
            runs.announce(
                f"the runs diverge; up to {runs.budget.runs} more, within {seconds / 60:.0f} minutes, to find the cause"
            )
        explained = self._explained(runs, seen) if seen else Explained()
        verdict, more = ("diverged", explained.notes) if seen else self._agreement(pairs, problems, texts)
        more = [*more, *texts.notes]
        rate = seen.rate if seen else None
        table = [*sensitivity.table(runs.run, self.base[0], self.options.vary, rate)]
        metric = self._metric(runs)
        missing = metric is not None and len(metric.repeats) < len(self.base)
        lost = [f"the metric was not found in every run's output: {self.options.metric}"] if missing else []
        return result.build(
            verdict,
            self.base,
            [*problems, *more, *lost],
            rate=rate,
            divergence=explained.divergence,
            remedy=explained.remedy,
            reproducer=explained.reproducer,
            sensitivity=table,
            metric=metric,
            only_times=texts.only_times if verdict == "identical" else (),
            texts=texts.results,
            stderr_left_out=texts.stderr_left_out,
        )

    def _texts(self, pairs: Sequence[RunPair], problems: Sequence[str], runs: ExperimentRunner) -> TextFinding:
        """What printed texts show, where nothing that was recorded differs, nor a file."""
        if self.options.exact_output or problems or any(one.steps_differ or not one.usable for one in pairs):
            return TextFinding()
        if files_differ(self.base):
            return TextFinding()
        return found_in(self.base, runs.run)

    def _agreement(
        self, pairs: Sequence[RunPair], problems: Sequence[str], texts: TextFinding
    ) -> tuple[Verdict, Sequence[str]]:
        """The verdict where no run differs, and what limits it."""
        unused = result.unused_external_values(pairs)
        if not result.compared_anything(self.base[0], stderr=not texts.stderr_left_out):
            return "inconclusive", [*unused, NOTHING_COMPARED]
        whole = result.UNRECORDED not in problems and all(one.usable for one in pairs)
        return "identical" if whole else "inconclusive", unused

    def _explained(self, runs: ExperimentRunner, seen: DivergenceCount) -> Explained:
        if not self.options.explain or not seen.shown:  # only what looks like a time differs
            return Explained()
        options = self.options
        return DivergenceExplainer(runs, self.base, zoom=options.zoom, target=options.reproducer).explained(seen)

    def _metric(self, runs: ExperimentRunner) -> Spread | None:
        """The number over the baseline runs, and over runs with other seeds."""
        if not self.options.metric:
            return None
        arguments = [self.options.seed_argument.replace("{}", str(seed)) for seed in range(self.options.seeds)]
        seeded = [runs.run({}, f"with {one}", more=[one]) for one in arguments]
        return spread(self.options.metric, self.base, seeded)
