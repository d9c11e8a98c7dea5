"""
One replay of a resume: the whole run (A), one that is stopped (B), the resumed one (C), and what differs.

Whether the program repeats itself is established as cheaply as the verdict allows. B is run A up to the checkpoint:
where their steps differ nothing can be judged. If C equals A, no more is needed. Only if it differs, the whole command
is run once more: C is judged only if both whole runs are equal.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from .. import result
from ..files.aside import Aside
from ..model import Confidence, Result, Resume
from ..runs.run import Run
from ..runs.stop import Stop
from . import verdict
from .by_values import held_by_values, judged_by_values
from .judged import Judged
from .runs import ResumeOptions, Runs, Tier
from .steps import steps_of

FAILED = "{} failed with exit code {}: there is nothing to compare (--allow-failure compares it all the same)"
TIMED_OUT = "{} did not end in time and was ended (--timeout)"
NO_CHECKPOINT = (
    "no checkpoint was made within the run: nothing that {} names was written, and complete, before the command ended"
)
ENDED_BEFORE = "the command ended before {:g} s had passed, so that it could not be stopped"
INTERRUPTED = "interrupted before the resumed run had ended: nothing can be compared"
WHOLE, RESUMED = "the command", "the resumed run (--resume)"


class ResumeSession:
    """A replay of a resume in progress. `announce` is told what each run is for."""

    def __init__(
        self,
        options: ResumeOptions,
        announce: Callable[[str], None],
        tell: Callable[[str], None] | None = None,
        aside: Aside | None = None,
    ) -> None:
        self._options, self._aside = options, aside
        self._tell = tell or announce
        self._runs = Runs(options, announce, aside)
        self._stopped: Run | None = None

    def run(self) -> Result:
        """Everything; returns the result. Files are as after one run of the command, also if we are told to stop."""
        judged = Judged("inconclusive", [INTERRUPTED])
        interrupted = False
        try:
            with self._aside or contextlib.nullcontext():
                judged = self._judged()
        except KeyboardInterrupt:
            interrupted = True
        made = self._runs.made
        found = result.build(judged.verdict, made, judged.problems, stopped="interrupted" if interrupted else None)
        update: dict[str, object] = {
            "resume": judged.told or Resume(verdict="inconclusive"),
            "confidence": Confidence(runs=len(made), rate_bound_95=None),
            "outputs_differ": [],
            "differences": [],
            "compared": [],
            "not_compared": [],
        }
        found = found.model_copy(update=update)
        return result.with_files(found, self._aside.told) if self._aside else found

    def _judged(self) -> Judged:
        runs = self._runs
        whole = runs.whole("whole")
        if why := self._obstacle(whole, WHOLE):
            return Judged("inconclusive", [why])
        by_steps = bool(steps_of(whole.folder))
        tier: Tier = "base" if by_steps else "lines"
        stopped, stop, resumed = runs.stopped_and_resumed(tier)
        if resumed is None:
            return Judged("inconclusive", [self._not_stopped(stopped, stop)])
        if why := self._obstacle(resumed, RESUMED):
            return Judged("inconclusive", [why])
        if not by_steps:
            whole = runs.whole("whole, statement by statement, as no optimizer step of torch was seen", tier)
        judged = verdict.judged(whole, stopped, resumed) if by_steps else judged_by_values(whole, resumed)
        if judged.verdict != "diverged":
            return judged
        self._tell(f"{judged.summary}; the whole command once more, to see whether it repeats itself")
        again = runs.whole("whole again", tier)
        return verdict.held(judged, whole, again) if by_steps else held_by_values(judged, whole, again, resumed)

    def _obstacle(self, made: Run, what: str) -> str:
        if made.timed_out:
            return TIMED_OUT.format(what)
        if made.exit_code and not self._options.allow_failure:
            return FAILED.format(what, made.exit_code)
        return made.problems[0] if made.problems else ""

    def _not_stopped(self, stopped: Run, stop: Stop) -> str:
        """Why there is no resumed run."""
        if stopped.timed_out and stop.sent is None:
            return TIMED_OUT.format(WHOLE)
        if stopped.exit_code and stop.sent is None:
            return FAILED.format("the run that was to be stopped", stopped.exit_code)
        if self._options.after_seconds is not None:
            return ENDED_BEFORE.format(self._options.after_seconds)
        return NO_CHECKPOINT.format(self._options.pattern)
