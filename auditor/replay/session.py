"""
One replay: baseline runs, a verdict, the explanation of a divergence, the sensitivity table, and the metric.

Each run is the user's command as it is. Only a run under a factor changes anything, and only that factor. What is known
is kept after each step (`so_far`), so that an interrupted replay has a result too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import result
from .cause import earlier_run, sensitivity
from .cause.only_times import Runner, TextFinding, found_in
from .cause.timed_operations import may_be_times
from .evidence import metric
from .explanation import DivergenceExplainer, told_of
from .files.aside import Aside
from .model import Result
from .runs.budget import RUNS, Budget
from .runs.progress import long_search, search_plan
from .runs.run import Run
from .runs.runner import ExperimentRunner
from .so_far import SoFar
from .texts.written import files_differ
from .verdict_line import early, sentence

LEAST_RUNS = 2
TIMED_OUT = "the command did not end in time and was ended (--timeout)"


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
    A replay in progress.

    `announce` is told what each run is for, and how long it takes; `tell` the verdict, as soon as it is known.
    """

    def __init__(
        self,
        options: ReplayOptions,
        announce: Callable[[str], None],
        tell: Callable[[str], None] | None = None,
        aside: Aside | None = None,
    ) -> None:
        self.options = options
        self._tell = tell or announce
        self._aside = aside
        wanted = max(LEAST_RUNS, options.runs)
        self._known = SoFar(wanted)
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
            baseline=wanted,
            aside=aside,
        )

    @property
    def base(self) -> Sequence[Run]:
        """The baseline runs that ended."""
        return self._known.base

    def record(self) -> Run:
        """
        One run, for its trace alone, with the facts of its environment.

        Raises KeyboardInterrupt when we are told to stop meanwhile; all its processes have ended by then.
        """
        return replace(self._runs, watch=False).run({}, "recording", facts=True)

    def run(self) -> Result:
        """
        Everything; returns the result. The traces stay in the scratch folder until the caller removes it.

        If we are told to stop meanwhile (KeyboardInterrupt), all processes are ended, files are as after one run, and
        the result is what is known so far; `partial_why` is then "interrupted".
        """
        known = self._known
        try:
            with self._aside or contextlib.nullcontext():
                self._runs_and_verdict()
        except KeyboardInterrupt:  # while files were copied before the first run, or brought back
            known.stopped = "interrupted"
        found = known.result(self._runs.budget.took)
        return result.with_files(found, self._aside.told) if self._aside else found

    def _runs_and_verdict(self) -> None:
        known = self._known
        try:
            self._baseline_runs()
            if not known.obstacle:
                self._judged()
        except KeyboardInterrupt:
            known.stopped = "interrupted"
            self._runs.budget.stop()
            self._compared_so_far()

    # ------------------------------------------------------------------------------------------------ baseline runs

    def _baseline_runs(self) -> None:
        known = self._known
        for number in range(known.wanted):
            run = self._runs.limited(known.base).run({}, "as it is")
            known.base.append(run)
            known.obstacle = self._obstacle(run)
            if known.obstacle:
                return
            if number == 0 and (warning := long_search(run.seconds, known.wanted, self._runs.budget)):
                self._runs.announce(warning)
            if number == 1 and known.wanted > LEAST_RUNS:
                known.compare()
                if line := early(known.base, known.pairs, known.wanted):
                    self._tell(line)
        known.compare()

    def _obstacle(self, run: Run) -> str:
        """Why this run alone makes the replay inconclusive; empty if it does not."""
        if run.timed_out:
            return TIMED_OUT
        if run.exit_code and not self.options.allow_failure:
            reason = f"the command failed with exit code {run.exit_code}: runs that fail alike prove nothing"
            return f"{reason} (--allow-failure compares them all the same)"
        return ""

    def _compared_so_far(self) -> None:
        """After an interruption: compare the runs that ended. A second interruption leaves that out."""
        known = self._known
        if len(known.base) >= LEAST_RUNS and not known.obstacle and known.texts is None:
            with contextlib.suppress(KeyboardInterrupt):
                known.compare()
                known.judge(self._texts(None))

    # ----------------------------------------------------------------------------------------------------- verdict

    def _judged(self) -> None:
        """The verdict of the baseline runs, and all that further runs add to it."""
        known, options = self._known, self.options
        runs = self._runs.limited(known.base)
        known.judge(self._texts(runs.run))
        if known.first and (other := self._other_files()):
            known.first, known.obstacle = None, other
            return
        self._finding_earlier_files(runs)
        self._explain(runs)
        asked = {one: factor for one, factor in (("--vary", options.vary), ("--metric", options.seeds)) if factor}
        if asked and not (known.first and options.explain):
            self._tell(f"{sentence(known)}; further runs for {' and '.join(asked)}")
        rate = known.first.seen.rate if known.first and not known.finds_earlier else None
        for row in sensitivity.table(runs.run, known.base[0], options.vary, rate):
            known.table.append(row)
        self._metric(runs)

    def _finding_earlier_files(self, runs: ExperimentRunner) -> None:
        """Where runs from the same files are identical: whether one that finds what the first wrote is, too."""
        known, aside = self._known, self._aside
        if aside is None or not self.options.explain or known.verdict != "identical":
            return
        seen = earlier_run.tried(runs, known.base, aside, self._tell)
        known.earlier_files = seen.told
        if seen.explanation is not None:
            told = told_of(seen.explanation, advice=seen.cure, made=seen.loaded)
            known.first, known.explained = seen.explanation.found, told

    def _other_files(self) -> str:
        """Why the baseline runs did not start from the same files; empty if they did."""
        told = self._aside.told if self._aside else None
        paths = [*told.not_restored, *told.edited] if told else []
        return result.OTHER_START.format(", ".join(paths[: result.MOST_EXTERNAL_VALUES])) if paths else ""

    def _texts(self, make: Runner | None) -> TextFinding:
        """What printed texts show, where nothing that was recorded differs, nor a file."""
        known = self._known
        if self.options.exact_output or known.problems or not all(one.usable for one in known.pairs):
            return TextFinding()
        steps = any(one.steps_differ for one in known.pairs)
        if files_differ(known.base) or (steps and not may_be_times(known.base)):
            return TextFinding()
        return found_in(known.base, make, steps_differ=steps)

    def _explain(self, runs: ExperimentRunner) -> None:
        """Look for the cause of a divergence, and keep what is known after each step."""
        known, options = self._known, self.options
        if known.first is None or not options.explain or not known.first.seen.shown or known.explained.divergence:
            return  # without any that differs, only what looks like a time does
        allowed = runs.budget.begin([run.seconds for run in known.base])
        self._tell(f"{sentence(known)}, {search_plan(runs.budget, allowed)}")
        explainer = DivergenceExplainer(runs, known.first, zoom=options.zoom, target=options.reproducer)
        for known.explained in explainer.steps():
            known.stopped = "budget" if known.explained.undecided else None
        if known.explained.vanished:
            known.first = None
        runs.budget.close()

    def _metric(self, runs: ExperimentRunner) -> None:
        """The number over the baseline runs, and over runs with other seeds."""
        known, options = self._known, self.options
        if not options.metric:
            return
        seeds = [str(seed) for seed in range(options.seeds)]
        arguments = metric.seed_arguments(options.seed_argument, seeds) if seeds else []
        made = [*known.base, *metric.seeded(runs, arguments)]
        readings = [metric.read(options.metric, run) for run in made]
        known.metric = metric.spread(options.metric, readings[: len(known.base)], readings[len(known.base) :])
        if len(known.metric.repeats) < len(known.base):
            known.notes.append(f"the metric was not found in every run's output: {options.metric}")
        known.notes += sorted({f"a run has no metric: {one.problem}" for one in readings if one.problem})
