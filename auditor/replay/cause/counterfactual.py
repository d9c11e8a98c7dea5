"""
When a counterfactual counts (docs/explanation/replay.md): the origin vanishes in every pair and returns on release.

The rate p of the origin is measured first; n runs under the factor count when (1-p)^n is at most 0.05. A run that
fails, is cut or whose recorder failed proves nothing. Then the factor is taken away, and the origin must show again.
Rates from a few runs are guesses, so the numbers themselves must speak too: by Fisher's exact test over all runs with
and without the factor luck must be improbable, the more so the more factors were tried before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...confidence import DOUBT, clean_runs_needed
from ..model import Tried
from ..provenance.origin_model import Evidence
from ..runs.run import Run
from .interventions import Hypothesis
from .run_pair import Pair, pair
from .usual_run import Runner, Search, Seen

MOST_RUNS = 12
"""Runs that one counterfactual may cost; a rarer fault stays unproven."""
MOST_RELEASES = 8
CONFIRMING_SECONDS = 5.0
"""Time for runs that a factor must pass after it has counted, up to MOST_RUNS in all: they find one that half cures."""
WITHOUT_INPUTS: Evidence = "first-to-differ"
"""Of runs without details, where what differs earlier would hide it: nothing at all may differ under the factor."""


@dataclass(frozen=True)
class Proof:
    """What came of a hypothesis."""

    hypothesis: Hypothesis
    tried: Tried
    proven: bool
    seconds: tuple[float, ...] = ()
    left: Pair | None = None
    """Two runs under the factor that still differ, where something else begins."""


def explain(run: Runner, tried: Sequence[Hypothesis], found: Search, before: Seen) -> list[Proof]:
    """
    What came of each hypothesis, up to the first that is proven.

    `before` is what the base runs showed: they were made without details, and count for how often it diverges.
    """
    proofs: list[Proof] = []
    for attempt, hypothesis in enumerate(tried, start=1):
        proofs.append(_Trial(run, hypothesis, found, before, DOUBT / attempt).outcome())
        if proofs[-1].proven:
            break
    return proofs


class _Trial:
    """One hypothesis: runs under its factor, and then without it."""

    def __init__(self, run: Runner, hypothesis: Hypothesis, found: Search, before: Seen, doubt: float) -> None:
        self._run, self._hypothesis, self._found, self._doubt = run, hypothesis, found, doubt
        self._seen = before + found.seen
        self._rate = min((seen.rate for seen in (before, found.seen) if seen.shown), default=1.0)
        self._runs: list[Run] = []
        self._left: Pair | None = None

    def outcome(self) -> Proof:
        """Run the experiment under the factor until it diverges or enough runs agree; then release it."""
        needed = self._needed()
        if needed > MOST_RUNS:
            return self._told(diverged=None, note=f"would need {needed} clean runs")
        self._make("")
        if self._runs[0].exit_code != self._found.base.exit_code or self._runs[0].timed_out:
            ended, base = self._runs[0].exit_code, self._found.base.exit_code
            return self._told(diverged=None, note=f"it ended with exit code {ended}, without the factor with {base}")
        while len(self._runs) <= needed:
            compared = self._make(f", {len(self._runs) + 1} of {needed + 1}")
            if compared is None or not compared.usable:
                return self._told(diverged=None, note=compared.note if compared else "")
            if self._shows_under(compared):
                return self._told(diverged=True)
        released = self._released()
        if not released.shown:
            note = f"after its release the origin did not show again in {MOST_RELEASES} runs"
            return self._told(diverged=False, note=note)
        luck = (self._seen + released).luck(len(self._runs) - 1)
        if luck > self._doubt:
            return self._told(diverged=False, note=f"as many clean runs by luck have a probability of {luck:.2f}")
        return self._confirmed()

    def _confirmed(self) -> Proof:
        """More runs under a factor that has counted, as many as their time allows."""
        spent = 0.0
        while len(self._runs) <= MOST_RUNS and spent + self._runs[-1].seconds <= CONFIRMING_SECONDS:
            compared = self._make(f", {len(self._runs) + 1}, to be sure")
            spent += self._runs[-1].seconds
            if compared is None or not compared.usable:
                return self._told(diverged=None, note=compared.note if compared else "")
            if self._shows_under(compared):
                return self._told(diverged=True, note=f"only rarer under it: it showed in run {len(self._runs)}")
        return self._told(diverged=False, proven=True)

    def _make(self, which: str) -> Pair | None:
        """One more run under the factor, compared with the first of them."""
        told = ", ".join(f"{name}={value}" for name, value in self._hypothesis.settings.items())
        self._runs.append(self._run(self._hypothesis.settings, f"with {told}{which}"))
        return pair(self._runs[0], self._runs[-1], search=True) if len(self._runs) > 1 else None

    def _needed(self) -> int:
        """Clean runs, so that neither the rate nor the numbers leave room for luck if the release shows it at once."""
        needed = clean_runs_needed(self._rate)
        while needed <= MOST_RUNS and (self._seen + Seen(1, 1)).luck(needed) > self._doubt:
            needed += 1
        return needed

    def _released(self) -> Seen:
        """Runs without the factor until the origin shows again."""
        for number in range(MOST_RELEASES):
            again = self._run({}, f"released, {number + 1} of at most {MOST_RELEASES}")
            compared = pair(self._found.base, again, search=True)
            if compared.tells and self._shows(compared):
                return Seen(number + 1, 1)
        return Seen(MOST_RELEASES)

    def _shows_under(self, compared: Pair) -> bool:
        """Whether the origin is there; else what is."""
        shows = self._shows(compared)
        self._left = compared if compared.differs and not shows else self._left
        return shows

    def _shows(self, compared: Pair) -> bool:
        origin = self._found.origin
        if origin is None or origin.evidence == WITHOUT_INPUTS:
            return compared.differs
        return compared.holds(origin.identity)

    def _told(self, *, diverged: bool | None, note: str = "", proven: bool = False) -> Proof:
        hypothesis, runs = self._hypothesis, self._runs
        tried = Tried(
            factor=hypothesis.factor, settings=hypothesis.settings, runs=len(runs), diverged=diverged, note=note
        )
        seconds = tuple(run.seconds for run in runs) if proven else ()
        return Proof(hypothesis, tried, proven, seconds, self._left if proven else None)
