"""
What an experiment's result depends on: each factor alone.

Where the runs as they are agree, one run under a factor is held against them; if it differs, a second one under the
same factor must agree with it, or something else than the factor varies. Where the runs as they are do not agree, runs
under the factor are held against each other: does it make them equal?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ...confidence import clean_runs_needed
from ...factors.factors import FACTORS
from ..alignment.first_differences import compare
from ..model import Sensitivity, Verdict
from ..runs.run import Run
from ..trace.archive import open_trace
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
VARIED = (*INNOCENT, "threads", "affinity", "isa", "onednn")
"""Factors that `--vary all` tries, the innocent ones first."""
STEADYING = ("entropy",)
"""Tried besides where runs diverge: it can only make them equal."""
VALUES = {"hash-seed": "1", "memory-fill": "85", "file-order": "reversed", "clock": "later"}
"""The value that is tried, where a factor's first is not the one."""
STEADY_VALUES = {**VALUES, "clock": "ticking"}
"""The same, where a value is wanted that makes runs equal."""
MOST_CLEAN_RUNS = 3
"""Of one factor, beside its first: a table is no proof, and says how many runs stand behind each line."""

Runner = Callable[[Mapping[str, str], str], Run]
"""Runs the experiment once: settings, and a text for people."""


def names_of(asked: Sequence[str], *, diverged: bool) -> list[str]:
    """The factors that `--vary` means."""
    every = (*VARIED, *(STEADYING if diverged else ()))
    return list(dict.fromkeys(name for one in asked for name in (every if one == "all" else (one,))))


def table(run: Runner, base: Run, asked: Sequence[str], rate: float | None) -> Iterator[Sensitivity]:
    """
    One line for each factor.

    `rate` is how often runs as they are differ from the first; None where they agree.
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
        """Against runs that agree with each other."""
        changed = self._run("")
        compared = compare_runs(self._base, changed, search=False)
        if not compared.usable:
            return self._told("inconclusive", note=compared.note)
        if not compared.differs:
            return self._told("identical")
        first = first_difference(self._base, changed)
        again = compare_runs(changed, self._run(", once more"), search=False)
        if not again.usable:
            return self._told("inconclusive", first=first, note=again.note)
        if again.differs:
            note = "two runs under it differ from each other too: what differs is not this factor's doing alone"
            return self._told("inconclusive", first=first, note=note)
        return self._told("diverged", first=first)

    def by_itself(self, rate: float) -> Sensitivity:
        """Against each other, where runs as they are differ: whether the factor makes them equal."""
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
        luck = f"; that could be luck: {needed + 1} would be needed" if needed > MOST_CLEAN_RUNS else ""
        return self._told("identical", note=f"makes the runs equal ({len(self._runs)} runs under it agree{luck})")


def first_difference(one: Run, other: Run) -> str:
    """The first operation that differs between two runs, with its line; else what came in; else the outputs."""
    with open_trace(one.folder) as left, open_trace(other.folder) as right:
        found = compare(left, right)
    steps = (difference.first or difference.second for difference in found.differences)
    event = next(filter(None, (*steps, *found.external_values)), None)
    if event is not None:
        return f"{event.name} at {event.source.file}:{event.source.line}"
    return ", ".join(outputs_differ(one, other))
