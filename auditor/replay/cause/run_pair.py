"""Two runs compared: whether the comparison is conclusive, whether they differ, and where the difference began."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..alignment.events import DescribedEvent
from ..alignment.first_differences import compare
from ..provenance.origin import find
from ..provenance.origin_model import Origin, OriginIdentity
from ..runs.run import Run
from ..texts.differing import STREAMS, results_differ
from ..texts.pairing import paired
from ..texts.written import contents_differ
from ..trace.archive import open_trace


@dataclass(frozen=True)
class RunPair:
    """Two runs compared."""

    usable: bool
    """Whether agreement can be concluded: both runs are complete and fully recorded, with equal exit codes."""
    differs: bool
    """Whether the runs certainly differ; not if the only difference is where recording stopped, or printed times."""
    steps_differ: bool = False
    """Whether anything that was recorded differs."""
    shows_difference: bool = False
    """
    Whether it shows a difference although it is not usable to show agreement: the output differs, and only children
    that their parent ended (workers of a pool) are cut off.
    """
    external_values: tuple[DescribedEvent, ...] = ()
    """External values that differ and affected no other record."""
    origin: Origin | None = None
    note: str = ""
    """Why it is not usable."""
    holds: Callable[[OriginIdentity], bool] = lambda _identity: False

    @property
    def conclusive(self) -> bool:
        """Whether the comparison shows anything, if only that the runs differ."""
        return self.usable or self.shows_difference


def compare_runs(first: Run, second: Run, *, search: bool) -> RunPair:
    """Compare two runs; with `search` also find the origin (it needs traces of the detail tier)."""
    note = _obstacle(first, second)
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        alignment = compare(one, other)
        note = note or "; ".join(alignment.problems[:2])
        printed = bool(outputs_differ(first, second))
        shows_difference = printed and not note and alignment.cut_by_parents
        cut = (f"the recording of process {key.lineage} was cut off" for key in alignment.cut[:2])
        note = note or "; ".join(dict.fromkeys(cut))
        steps = bool(alignment.differences and not note)
        differs = printed or steps
        if not differs or not search:
            return RunPair(not note, differs, steps, shows_difference, alignment.external_values, note=note)
        found = find(one, other, alignment.pooled)
        return RunPair(
            not note, differs, steps, shows_difference, alignment.external_values, found.origin, note, found.holds
        )


def outputs_differ(first: Run, second: Run) -> list[str]:
    """Which of stdout, stderr and the files that were written differ; what looks like a printed time is left out."""
    names = [name for name in STREAMS if results_differ(first, second, name)]
    return names + [pair.name for pair in paired((first, second)) if contents_differ(pair, (first, second))]


def _obstacle(first: Run, second: Run) -> str:
    for run in (first, second):
        if run.timed_out:
            return "a run did not end in time"
        if run.problems:
            return run.problems[0]
    if first.exit_code != second.exit_code:
        return f"exit codes differ: {first.exit_code} and {second.exit_code}"
    return ""
