"""What a replay knows at one moment: it can be told at any time, also when the replay is interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from . import result
from .cause.baseline_run import BaselineSearch, first_seen
from .cause.only_times import TextFinding
from .cause.run_pair import RunPair, compare_runs
from .compared import compared_anything
from .explanation import Explained
from .model import EarlierFiles, Result, Sensitivity, Spread, Stopped, Verdict
from .runs.run import Run
from .texts.first_line import first_line
from .texts.written import hidden

NOTHING_COMPARED = "nothing was compared: no operation of a framework ran, nothing was printed, and no file was written"
UNREAD = (
    "{}: its bytes differ, and what it holds could not be read ({}), so that a result may differ there; --ignore leaves"
    " it out, --files lets its bytes count"
)
MOST_UNREAD = 3
NO_RUN = "interrupted before the first run had ended: nothing can be compared"
ONE_RUN = "interrupted after one run: nothing can be compared with it"
NOT_COMPARED = "interrupted before the runs were compared"
FEWER = "interrupted after {} of {} runs: only these were compared"


@dataclass
class SoFar:
    """The runs that ended, and what they showed."""

    wanted: int
    """The baseline runs that were asked for."""
    base: list[Run] = field(default_factory=list)
    """The baseline runs that ended."""
    obstacle: str = ""
    """Why one of them alone makes the replay inconclusive."""
    pairs: list[RunPair] = field(default_factory=list)
    """Each baseline run compared with the first one."""
    texts: TextFinding | None = None
    """What printed texts show; None before they were compared."""
    first: BaselineSearch | None = None
    """If the baseline runs diverge: their baseline, and where, without details."""
    explained: Explained = field(default_factory=Explained)
    earlier_files: EarlierFiles | None = None
    table: list[Sensitivity] = field(default_factory=list)
    metric: Spread | None = None
    notes: list[str] = field(default_factory=list)
    stopped: Stopped | None = None

    def compare(self) -> None:
        """Compare the runs that were not compared yet with the first one."""
        for other in self.base[len(self.pairs) + 1 :]:
            self.pairs.append(compare_runs(self.base[0], other, search=False))

    def judge(self, texts: TextFinding) -> None:
        """Decide whether the baseline runs diverge, with what their printed texts show."""
        self.texts = texts
        differs = any(one.differs for one in self.pairs) and not texts.nothing_else
        if (texts.why or differs) and not texts.undecided:
            self.first = first_seen(self.base)

    @property
    def finds_earlier(self) -> bool:
        """Whether runs from the same files are identical, and one that finds what the first one wrote is not."""
        return self.earlier_files is not None and self.earlier_files.effect == "other"

    @cached_property
    def problems(self) -> list[str]:
        """What makes it inconclusive, or limits it, once all runs were compared."""
        found = list(dict.fromkeys(one.note for one in self.pairs if not one.usable))
        return found if all(map(result.processes_recorded, self.base)) else [*found, result.UNRECORDED]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the baseline runs that ended."""
        if self.first is not None:
            return "diverged"
        if self.texts is None or self.texts.undecided or self.obstacle:
            return "inconclusive"
        if not compared_anything(self.base[0], stderr=not self.texts.stderr_left_out):
            return "inconclusive"
        whole = (
            result.UNRECORDED not in self.problems and all(one.usable for one in self.pairs) and not hidden(self.base)
        )
        return "identical" if whole else "inconclusive"

    def result(self, seconds: Sequence[float]) -> Result:
        """The result that this makes; `seconds` of all runs, the baseline runs first."""
        verdict, texts, explained = self.verdict, self.texts or TextFinding(), self.explained
        return result.build(
            verdict,
            self.base,
            [*self._ended(), *self._limits(verdict), *explained.notes, *texts.notes, *self.notes],
            rate=self.first.seen.rate if self.first else None,
            divergence=explained.divergence,
            remedy=explained.remedy,
            reproducer=explained.reproducer,
            sensitivity=self.table,
            metric=self.metric,
            only_times=texts.only_times if verdict == "identical" else (),
            vanished=explained.vanished,
            earlier_files=self.earlier_files,
            stderr_left_out=texts.stderr_left_out,
            operations_equal=None if verdict != "identical" else not any(one.steps_differ for one in self.pairs),
            texts=texts.results or (first_line(self.base) if verdict == "diverged" else ()),
            stopped=self.stopped,
            further=seconds[len(self.base) :],
        )

    def _ended(self) -> list[str]:
        """How far it came, if it was interrupted during the baseline runs; or what ended it."""
        if self.obstacle:
            return [self.obstacle]
        if self.stopped != "interrupted":
            return []
        if len(self.base) < 2:
            return [ONE_RUN if self.base else NO_RUN]
        if self.texts is None:
            return [NOT_COMPARED]
        return [FEWER.format(len(self.base), self.wanted)] if len(self.base) < self.wanted else []

    def _limits(self, verdict: Verdict) -> Sequence[str]:
        """What limits the comparison."""
        if len(self.base) < 2 or self.obstacle:
            return []
        unused = [] if verdict == "diverged" else result.unused_external_values(self.pairs)
        anything = self.texts is None or compared_anything(self.base[0], stderr=not self.texts.stderr_left_out)
        unread = [UNREAD.format(name, why) for name, why in hidden(self.base)[:MOST_UNREAD]]
        return [*self.problems, *unread, *unused, *([] if anything or verdict == "diverged" else [NOTHING_COMPARED])]
