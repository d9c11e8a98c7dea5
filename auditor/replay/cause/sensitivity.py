"""
The sensitivity table: the effect of each factor alone.

If the baseline runs agree, one run under a factor is compared with them. If it differs, a second run under the same
factor must agree with it; otherwise something else varies. If the baseline runs diverge, runs under the factor are
compared with each other: does the factor make them equal?

Without the compilers bits may lawfully differ: then what was printed is judged up to rounding (`rounding.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ...confidence import clean_runs_needed
from ...factors.factors import FACTORS
from ..alignment.first_differences import compare
from ..model import Sensitivity, Verdict
from ..runs.run import Run
from ..trace.archive import open_trace
from . import rounding
from .rounding import Distance
from .run_pair import compare_runs, outputs_differ

INNOCENT = (
    "hash-seed",
    "memory-fill",
    "file-order",
    "address-layout",
    "task-order",
    "clock",
    "tmp",
    "locale",
    "time-zone",
)
VARIED = (*INNOCENT, "threads", "affinity", "isa", "onednn", "compile")
"""Factors that `--vary all` tries, the innocent ones first."""
UP_TO_ROUNDING = ("compile",)
"""Factors under which bits may lawfully differ, but no result beyond rounding."""
STEADYING = ("entropy",)
"""Tried as well if the baseline runs diverge: it can only make runs equal."""
NOT_VARIED = {
    "contention": "it makes races more frequent but does not choose their outcome: equal runs would mean nothing",
    "compile-cache": "it changes nothing in a program that compiles nothing, and costs a full compilation in others",
    "autotune": "it acts through frameworks' own switches, of which most programs use none",
    "data-cache": "what a program keeps there it downloads again in each run, or it fails without a network",
    "keras-backend": "it swaps the framework: another program, not another environment",
}
"""The factors that `--vary all` leaves out, each with its reason; `--vary NAME` still tries them."""
VALUES = {"hash-seed": "1", "memory-fill": "85", "file-order": "reversed", "clock": "later"}
"""The value that is tried, where it is not the factor's first."""
STEADY_VALUES = {**VALUES, "clock": "ticking"}
"""The same, for a value that shall make runs equal."""
MOST_CLEAN_RUNS = 3
"""Limit for one factor, beside its first run: the table is no proof, and each row states its number of runs."""
NO_NUMBERS = "bits differ, as they may without the compilers, and no number was printed that could be compared"
OTHER_DRAWS = (
    "the results cannot be compared: compiled code drew other random numbers, as it may (for torch set"
    " `torch._inductor.config.fallback_random = True`; in a `tf.function` draw with `tf.random.stateless_*`)"
)
TEXT_CHARACTERS = 48
"""Of a differing line; the whole is in the run's output."""
ENDED = "end"
"""The name of the step at which a run had ended."""

VARIES = "two runs under it differ from each other too: this factor alone does not explain the difference"
VERDICTS: dict[rounding.Judgement, Verdict] = {
    "rounding": "identical",
    "unclear": "inconclusive",
    "beyond": "diverged",
}

Runner = Callable[[Mapping[str, str], str], Run]
"""Runs the experiment once: (settings, purpose of the run for the progress display)."""


def names_of(asked: Sequence[str], *, diverged: bool) -> list[str]:
    """The factors that `--vary` names, with `all` expanded."""
    every = (*VARIED, *(STEADYING if diverged else ()))
    return list(dict.fromkeys(name for one in asked for name in (every if one == "all" else (one,))))


def table(run: Runner, base: Run, asked: Sequence[str], rate: float | None) -> Iterator[Sensitivity]:
    """
    One row for each factor.

    `rate` is the divergence rate of the baseline runs; None if they agree.
    """
    for name in names_of(asked, diverged=rate is not None):
        chosen = VALUES if rate is None else STEADY_VALUES
        one = _Factor(run, base, name, chosen.get(name, FACTORS[name].values[0]))
        yield one.against_base() if rate is None else one.by_itself(rate)


class _Factor:
    """One factor at one value."""

    def __init__(self, run: Runner, base: Run, name: str, value: str) -> None:
        self._plain, self._base, self._name, self._value = run, base, name, value
        self._runs: list[Run] = []

    def _run(self, why: str) -> Run:
        self._runs.append(self._plain({self._name: self._value}, f"with {self._name}={self._value} alone{why}"))
        return self._runs[-1]

    def _told(self, verdict: Verdict, *, first: str = "", note: str = "") -> Sensitivity:
        return Sensitivity(
            factor=self._name,
            value=self._value,
            innocent=FACTORS[self._name].innocent,
            runs=len(self._runs),
            verdict=verdict,
            first=first,
            note=note,
        )

    def against_base(self) -> Sensitivity:
        """Compared with baseline runs that agree."""
        changed = self._run("")
        compared = compare_runs(self._base, changed, search=False)
        if not compared.usable:
            return self._told("inconclusive", note=compared.note)
        if not compared.differs:
            return self._told("identical")
        if self._name in UP_TO_ROUNDING:
            return self._up_to_rounding(changed)
        first = first_difference(self._base, changed)
        again = compare_runs(changed, self._run(", once more"), search=False)
        if not again.usable:
            return self._told("inconclusive", first=first, note=again.note)
        if again.differs:
            return self._told("inconclusive", first=first, note=VARIES)
        return self._told("diverged", first=first)

    def _up_to_rounding(self, changed: Run) -> Sensitivity:
        """The same, where bits differ and only what exceeds rounding is a fault."""
        if not rounding.prints_numbers(self._base):
            return self._told("inconclusive", note=NO_NUMBERS)
        found, precision = rounding.distance(self._base, changed), rounding.precision_of(self._base)
        if rounding.is_rounding(found, precision):
            return self._apart("identical", found)
        if rounding.draws_differ(self._base, changed):
            return self._apart("inconclusive", found, note=OTHER_DRAWS)
        again = compare_runs(changed, self._run(", once more"), search=False)
        if not again.usable or again.differs:
            return self._apart("inconclusive", found, note=again.note or VARIES)
        control = self._plain(rounding.CONTROL, "rounded otherwise, as a measure of what rounding does")
        usable = compare_runs(self._base, control, search=False)
        if not usable.usable:
            return self._apart("inconclusive", found, note=usable.note)
        moved = rounding.distance(self._base, control)
        verdict = VERDICTS[rounding.judged(found, moved, precision)]
        return self._apart(verdict, found, moved)

    def _apart(
        self, verdict: Verdict, found: Distance, moved: Distance | None = None, *, note: str = ""
    ) -> Sensitivity:
        """The row with how far apart the printed numbers are."""
        relative = None if found.words else max(found.fine.relative, found.coarse.relative)
        told = self._told(verdict, note=note or _in_words(verdict, found, moved))
        return told.model_copy(update={"relative_difference": relative})

    def by_itself(self, rate: float) -> Sensitivity:
        """If the baseline runs diverge: whether runs under the factor agree with each other."""
        first = self._run("")
        if first.exit_code != self._base.exit_code:
            note = f"it ended with exit code {first.exit_code}, without the factor with {self._base.exit_code}"
            return self._told("inconclusive", note=note)
        needed = clean_runs_needed(rate)
        while len(self._runs) <= min(needed, MOST_CLEAN_RUNS):
            compared = compare_runs(first, self._run(", once more"), search=False)
            if not compared.usable:
                return self._told("inconclusive", note=compared.note)
            if compared.differs:
                return self._told("diverged", first=first_difference(first, self._runs[-1]))
        luck = f"; this may be chance: {needed + 1} would be needed" if needed > MOST_CLEAN_RUNS else ""
        return self._told("identical", note=f"makes the runs equal ({len(self._runs)} runs under it agree{luck})")


def _in_words(verdict: Verdict, found: Distance, moved: Distance | None) -> str:
    """What the numbers show; `moved` is how far rounding alone moved them, if that was measured."""
    control = f"; rounding alone moved results by {_largest(moved):.1e}" if moved and not moved.words else ""
    if verdict == "identical" and not _largest(found):
        return "same up to rounding (every number that it prints is equal)"
    if verdict == "identical":
        return f"same up to rounding (largest relative difference {_largest(found):.1e}{control})"
    shown = found.words or found.furthest
    texts = " against ".join(repr(one[:TEXT_CHARACTERS]) for one in (shown.first, shown.second))
    by = "" if found.words else f" by {_largest(found):.1e}"
    where = f"{shown.place}: {texts}"
    if verdict == "diverged":
        return f"differs by more than rounding explains{by} at {where}{control}"
    return f"differs{by}: rounding may explain it or not{control}; {where}"


def _largest(found: Distance) -> float:
    return max(found.fine.relative, found.coarse.relative)


def first_difference(one: Run, other: Run) -> str:
    """The first operation that differs between two runs, with its line; else the external value; else the outputs."""
    with open_trace(one.folder) as left, open_trace(other.folder) as right:
        found = compare(left, right)
    sides = (side for difference in found.differences for side in (difference.first, difference.second) if side)
    steps = (side for side in sides if side.name != ENDED)  # where one run had ended, the other's step says more
    event = next(iter((*steps, *found.external_values)), None)
    if event is not None:
        return f"{event.name} at {event.source.file}:{event.source.line}"
    return ", ".join(outputs_differ(one, other))
