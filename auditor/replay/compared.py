"""What the runs gave that was compared: outputs that differ and where, kinds and counts, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .cause.run_pair import outputs_differ
from .model import Compared, DifferingPlace, DifferingText, NotCompared
from .runs.run import Run
from .texts.differing import STREAMS
from .texts.first_difference import FileDifference, of_pair
from .texts.pairing import paired
from .texts.written import hidden
from .trace.archive import open_trace

MOST_FILES, MOST_NOT_COMPARED = 50, 100
"""Limits of what is listed."""


def operations(run: Run) -> int:
    """How many operations of frameworks were recorded."""
    with open_trace(run.folder) as trace:
        return trace.operations


def changed(base: Sequence[Run]) -> dict[str, FileDifference | None]:
    """Which outputs differ from those of the first run; of a file, where."""
    found: dict[str, FileDifference | None] = {}
    for other in base[1:]:
        runs = (base[0], other)
        names = outputs_differ(*runs)
        pairs = {pair.name: pair for pair in paired(runs)} if set(names) - {*STREAMS} else {}
        for name in names:
            if found.get(name) is None:
                found[name] = of_pair(pairs[name], runs) if name in pairs else None
    return found


def differences(changed: Mapping[str, FileDifference | None], texts: Sequence[DifferingText]) -> list[DifferingPlace]:
    """Each place that differs: lines of texts, then files whose lines are not among these."""
    found = [
        DifferingPlace(where=one.stream, place=f"line {one.line}", kind=one.kind, first=one.first, second=one.second)
        for one in texts
    ]
    told = {one.stream for one in texts}
    files = [one for name, one in sorted(changed.items()) if one is not None and name not in told]
    found += [
        DifferingPlace(where=one.name, place=one.place, kind="computed", first=one.first, second=one.second)
        for one in files[:MOST_FILES]
    ]
    return found


def compared(base: Sequence[Run], *, stderr: bool) -> list[Compared]:
    """What was compared: kinds and counts, of the first run."""
    run, unread = base[0], {name for name, _ in hidden(base)}
    counts = {"operations": operations(run), "stdout": int(run.stdout.size > 0)}
    counts["stderr"] = int(stderr and run.stderr.size > 0)
    for file in run.files:
        if file.sha256 and file.path not in unread:
            kind = f"files: {'every byte' if file.named else file.kind}"
            counts[kind] = counts.get(kind, 0) + 1
    return [Compared(kind=kind, count=count) for kind, count in counts.items() if count]


def not_compared(base: Sequence[Run], *, stderr_left_out: bool) -> list[NotCompared]:
    """What was not compared, and why."""
    found = [*(one for run in base for one in run.not_compared), *hidden(base)]
    if stderr_left_out:
        found.append(("stderr", "its lines or words differ from run to run"))
    return [NotCompared(what=what, why=why) for what, why in dict.fromkeys(found)][:MOST_NOT_COMPARED]


def compared_anything(run: Run, *, stderr: bool) -> bool:
    """Whether a run gave anything that was compared; `stderr` if its stderr was."""
    return bool(operations(run) or run.stdout.size or run.files or (stderr and run.stderr.size))
