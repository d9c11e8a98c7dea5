"""Two runs compared: whether anything follows from them, whether they differ, and where that began."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..alignment.events import DescribedEvent
from ..alignment.first_differences import compare
from ..provenance.origin import find
from ..provenance.origin_model import Origin, OriginIdentity
from ..runs.run import Run
from ..trace.archive import open_trace


@dataclass(frozen=True)
class RunPair:
    """Two runs compared."""

    usable: bool
    """Whether anything follows: both complete, equal exit codes, no problem of the recorder's."""
    differs: bool
    """Whether bits differ for sure: not if all that differs is where the recorder gave up."""
    apart: bool = False
    """
    Whether it shows a difference although it is not usable to show an agreement: other output, and all that is cut off
    are children which a process that lived on has ended, as pools do with their workers.
    """
    external_values: tuple[DescribedEvent, ...] = ()
    """What came in from outside and differs, and reached nothing else."""
    origin: Origin | None = None
    note: str = ""
    """Why it is not usable."""
    holds: Callable[[OriginIdentity], bool] = lambda _identity: False

    @property
    def tells(self) -> bool:
        """Whether anything follows from it, if only that runs differ."""
        return self.usable or self.apart


def compare_runs(first: Run, second: Run, *, search: bool) -> RunPair:
    """Compare two runs; with `search` also find the origin (it needs traces of the detail tier)."""
    note = _obstacle(first, second)
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        alignment = compare(one, other)
        note = note or "; ".join(alignment.problems[:2])
        printed = bool(outputs_differ(first, second))
        apart = printed and not note and alignment.cut_by_parents
        cut = (f"the recording of process {key.lineage} was cut off" for key in alignment.cut[:2])
        note = note or "; ".join(dict.fromkeys(cut))
        differs = printed or bool(alignment.differences and not note)
        if not differs or not search:
            return RunPair(not note, differs, apart, alignment.external_values, note=note)
        found = find(one, other, alignment.pooled)
        return RunPair(not note, differs, apart, alignment.external_values, found.origin, note, found.holds)


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
