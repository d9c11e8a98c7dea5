"""
Tests of hypotheses: under its factor the origin vanishes in enough runs, and returns once the factor is released.

The rate p of the origin is measured first. n clean runs under the factor suffice if (1-p)^n is at most 0.05. A run that
fails, is cut off or was not fully recorded proves nothing. Then the factor is released, and the origin must return.
Rates from a few runs are uncertain, so Fisher's exact test over all runs with and without the factor must be
significant too. Its level is divided by the number of factors tried so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...confidence import DOUBT, clean_runs_needed
from ..model import TriedFactor
from ..provenance.origin_model import Evidence
from ..runs.run import Run
from .baseline_run import BaselineSearch, DivergenceCount, Runner
from .interventions import Hypothesis
from .run_pair import RunPair, compare_runs

MOST_RUNS = 12
"""Limit of the runs for one hypothesis; the cause of a rarer divergence stays unproven."""
MOST_RELEASES = 8
CONFIRMING_SECONDS = 5.0
"""Time budget for confirmation runs after a factor looks effective, up to MOST_RUNS; catches partial cures."""
WITHOUT_INPUTS: Evidence = "first-to-differ"
"""Evidence of runs without details: an earlier difference would hide the origin, so under the factor none may occur."""


@dataclass(frozen=True)
class HypothesisTest:
    """The test of one hypothesis."""

    hypothesis: Hypothesis
    tried: TriedFactor
    proven: bool
    seconds: tuple[float, ...] = ()
    left: RunPair | None = None
    """Two runs under the factor that still differ, because another difference begins."""


def explain(
    run: Runner, tried: Sequence[Hypothesis], found: BaselineSearch, before: DivergenceCount
) -> list[HypothesisTest]:
    """
    The test of each hypothesis, up to the first one that is proven.

    `before` counts the baseline runs: they were made without details, and add to the divergence rate.
    """
    proofs: list[HypothesisTest] = []
    for attempt, hypothesis in enumerate(tried, start=1):
        proofs.append(_Trial(run, hypothesis, found, before, DOUBT / attempt).outcome())
        if proofs[-1].proven:
            break
    return proofs


class _Trial:
    """Runs under the factor of one hypothesis, and then without it."""

    def __init__(
        self, run: Runner, hypothesis: Hypothesis, found: BaselineSearch, before: DivergenceCount, doubt: float
    ) -> None:
        self._run, self._hypothesis, self._found, self._doubt = run, hypothesis, found, doubt
        self._seen = before + found.seen
        self._rate = min((seen.rate for seen in (before, found.seen) if seen.shown), default=1.0)
        self._runs: list[Run] = []
        self._left: RunPair | None = None

    def outcome(self) -> HypothesisTest:
        """Run the experiment under the factor until it diverges or enough runs agree; then release it."""
        needed = self._needed()
        if needed > MOST_RUNS:
            return self._test(diverged=None, note=f"would need {needed} clean runs")
        self._make("")
        if self._runs[0].exit_code != self._found.base.exit_code or self._runs[0].timed_out:
            ended, base = self._runs[0].exit_code, self._found.base.exit_code
            return self._test(diverged=None, note=f"it ended with exit code {ended}, without the factor with {base}")
        while len(self._runs) <= needed:
            compared = self._make(f", {len(self._runs) + 1} of {needed + 1}")
            if compared is None or not compared.usable:
                return self._test(diverged=None, note=compared.note if compared else "")
            if self._shows_under(compared):
                return self._test(diverged=True)
        released = self._released()
        if not released.shown:
            note = f"after its release the origin did not return in {MOST_RELEASES} runs"
            return self._test(diverged=False, note=note)
        chance = (self._seen + released).p_value(len(self._runs) - 1)
        if chance > self._doubt:
            return self._test(diverged=False, note=f"so many clean runs by chance have a probability of {chance:.2f}")
        return self._confirmed()

    def _confirmed(self) -> HypothesisTest:
        """Confirmation runs under an effective factor, as many as the time budget allows."""
        spent = 0.0
        while len(self._runs) <= MOST_RUNS and spent + self._runs[-1].seconds <= CONFIRMING_SECONDS:
            compared = self._make(f", {len(self._runs) + 1}, confirmation")
            spent += self._runs[-1].seconds
            if compared is None or not compared.usable:
                return self._test(diverged=None, note=compared.note if compared else "")
            if self._shows_under(compared):
                return self._test(diverged=True, note=f"only rarer under it: it occurred in run {len(self._runs)}")
        return self._test(diverged=False, proven=True)

    def _make(self, which: str) -> RunPair | None:
        """One more run under the factor, compared with the first of them."""
        factors = ", ".join(f"{name}={value}" for name, value in self._hypothesis.settings.items())
        self._runs.append(self._run(self._hypothesis.settings, f"with {factors}{which}"))
        return compare_runs(self._runs[0], self._runs[-1], search=True) if len(self._runs) > 1 else None

    def _needed(self) -> int:
        """Clean runs needed for both tests to be significant, if the origin returns in the first released run."""
        needed = clean_runs_needed(self._rate)
        while needed <= MOST_RUNS and (self._seen + DivergenceCount(1, 1)).p_value(needed) > self._doubt:
            needed += 1
        return needed

    def _released(self) -> DivergenceCount:
        """Runs without the factor until the origin returns."""
        for number in range(MOST_RELEASES):
            again = self._run({}, f"released, {number + 1} of at most {MOST_RELEASES}")
            compared = compare_runs(self._found.base, again, search=True)
            if compared.conclusive and self._shows(compared):
                return DivergenceCount(number + 1, 1)
        return DivergenceCount(MOST_RELEASES)

    def _shows_under(self, compared: RunPair) -> bool:
        """Whether the origin occurs in this pair; if another difference does, remember the pair."""
        shows = self._shows(compared)
        self._left = compared if compared.differs and not shows else self._left
        return shows

    def _shows(self, compared: RunPair) -> bool:
        origin = self._found.origin
        if origin is None or origin.evidence == WITHOUT_INPUTS:
            return compared.differs
        return compared.holds(origin.identity)

    def _test(self, *, diverged: bool | None, note: str = "", proven: bool = False) -> HypothesisTest:
        hypothesis, runs = self._hypothesis, self._runs
        tried = TriedFactor(
            factor=hypothesis.factor, settings=hypothesis.settings, runs=len(runs), diverged=diverged, note=note
        )
        seconds = tuple(run.seconds for run in runs) if proven else ()
        return HypothesisTest(hypothesis, tried, proven, seconds, self._left if proven else None)
