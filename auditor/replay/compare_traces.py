"""
Compares two traces that were recorded apart, perhaps on two machines: `auditor compare a.trace b.trace`.

A trace is hostile data. Its description (exit code, output, files) is compared too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from .alignment.events import DescribedEvent
from .alignment.first_differences import FirstDifference, compare
from .model import Line, RecordedStep, TaskDifference, TraceComparison
from .result import UNRECORDED
from .runs.exit_facts import facts_of
from .runs.run import Run
from .texts.settled import settled_digest
from .trace.archive import Trace, open_trace
from .trace.format import SITES, SourceLine, source_of
from .trace.stream import CACHED_TEXTS, Stream
from .trace_facts import differing_facts

ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
SIDES = ("the first", "the second")
LOOKS_TIMELY = (
    "stdout differs, but only in what looks like times, dates, memory, process ids or temporary names. Whether a number"
    " is a time cannot be shown from two traces, which hold no text: `auditor replay -- COMMAND` shows it"
)
CUT = "the stream was cut off and is compared up to the cut"
MOST_LINES = 20
"""Limit of the lines of each path that are reported, if the runs took different steps."""


def is_trace(path: Path) -> bool:
    """Whether a path looks like a trace: a run's folder, or a zip file."""
    if path.is_dir():
        return (path / "streams").is_dir()
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) in ZIP_BEGINS
    except OSError:
        return False


def compare_files(first: Path, second: Path) -> TraceComparison:
    """
    Compare two traces.

    Raises TraceError for a path that is no trace, for a damaged one, and for digests of two algorithms.
    """
    with open_trace(first) as one, open_trace(second) as other:
        sizes = {
            "operations": (one.operations, other.operations),
            "processes": (len(one.lineages), len(other.lineages)),
        }
        if one.streams and other.streams and one.detail != other.detail:
            reason = "one was recorded with inputs and the other without, so their records cannot be compared"
            return TraceComparison(verdict="cannot-tell", problems=[reason], **sizes)
        notes = _same_folder(one, other)
        found = compare(one, other)
        facts, without = differing_facts((one, other), SIDES)
        notes += without
        printed = _described(one.description, other.description)
        timely = "stdout" in printed and _looks_timely(one.description, other.description)
        if timely:
            printed.remove("stdout")
        missing, cut = [*found.problems, *_missing(one, other)], [f"{key.file}: {CUT}" for key in found.cut]
        empty = [f"{name}: {UNRECORDED}" for name, trace in zip(SIDES, (one, other), strict=True) if not trace.streams]
        differs = any(_is_sure(one, [*missing, *empty], cut) for one in found.differences) or bool(
            printed and not missing + cut
        )
        problems = [*missing, *empty, *cut, *_failed_alike(one, other), *([LOOKS_TIMELY] if timely else [])]
        return TraceComparison(
            verdict="differs" if differs else "cannot-tell" if problems or found.differences else "identical",
            differences=[_task_difference(difference) for difference in found.differences],
            outputs_differ=printed,
            facts=facts,
            problems=problems,
            notes=notes,
            **sizes,
        )


def described(run: Run) -> dict[str, Any]:
    """
    The description of a run that is packed with its trace.

    It holds no text that the run printed, which may contain anything, and of the environment only cleaned facts.
    """
    problems = [*run.problems, *(["the command did not end in time and was ended"] if run.timed_out else [])]
    files = {str(one.path): one.sha256 for one in run.files if one.named}
    facts = {key: fact.model_dump(mode="json", exclude_defaults=True) for key, fact in facts_of(run).items()}
    return {
        "exit_code": run.exit_code,
        "stdout": run.stdout.sha256,
        "stdout_settled": settled_digest(run.stdout.path),
        "files": files,
        "problems": problems,
        **({"facts": facts} if facts else {}),
    }


def _is_sure(difference: FirstDifference, missing: Sequence[str], cut: Sequence[str]) -> bool:
    """A step with another digest is certainly a difference; a missing step may be the recorder's fault."""
    if difference.kind == "content":
        return True
    return not missing and (difference.kind == "branch" or not cut)


def _missing(first: Trace, second: Trace) -> Iterator[str]:
    """What could not be recorded, as the traces' descriptions say."""
    for name, trace in zip(SIDES, (first, second), strict=True):
        problems = trace.description.get("problems")
        yield from (
            f"{name}: {text}" for text in (problems if isinstance(problems, list) else []) if isinstance(text, str)
        )


def _failed_alike(first: Trace, second: Trace) -> Iterator[str]:
    codes = [trace.description.get("exit_code", 0) for trace in (first, second)]
    if codes[0] == codes[1] != 0:
        yield f"both runs failed with exit code {codes[0]}: runs that fail alike prove nothing"


def _described(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Names of the entries that both descriptions have and that differ."""
    names = [name for name in ("exit_code", "stdout") if name in first and name in second]
    found = [name for name in names if first[name] != second[name]]
    one, other = _files_of(first), _files_of(second)
    return found + sorted(path for path in {*one, *other} if one.get(path) != other.get(path))


def _looks_timely(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether both texts are equal without what looks like a time; older traces do not tell."""
    one, other = (description.get("stdout_settled") for description in (first, second))
    return isinstance(one, str) and bool(one) and one == other


def _files_of(description: Mapping[str, Any]) -> dict[str, Any]:
    found = description.get("files")
    return {str(path): digest for path, digest in found.items()} if isinstance(found, dict) else {}


def _task_difference(difference: FirstDifference) -> TaskDifference:
    branch = difference.branch
    return TaskDifference(
        process=difference.key.lineage,
        task=difference.key.ordinal,
        kind=difference.kind,
        first=_step(difference.first),
        second=_step(difference.second),
        branch=Line.of(branch.source) if branch else None,
        decided=bool(branch and branch.decided),
        only_first=_lines(branch.only_first) if branch else [],
        only_second=_lines(branch.only_second) if branch else [],
    )


def _step(event: DescribedEvent | None) -> RecordedStep | None:
    if event is None:
        return None
    digest = f"{event.digest:016x}"
    return RecordedStep(op=event.name, index=event.at, meta=event.meta, digest=digest, source=Line.of(event.source))


def _lines(sources: Sequence[SourceLine]) -> list[Line]:
    return [line for line in map(Line.of, sources[:MOST_LINES]) if line]


# ------------------------------------------------------------------------------------------- one program, two places


def _same_folder(first: Trace, second: Trace) -> list[str]:
    """
    Map the paths of one trace to those of the other, if the same program lay in two folders.

    Returns a note about the folders that were treated as the same.
    """
    files = [_files(trace) for trace in (first, second)]
    roots = [_root(names) for names in files]
    if roots[0] == roots[1] or not all(roots):
        return []
    inside = [{os.path.relpath(name, root) for name in names} for names, root in zip(files, roots, strict=True)]
    if not inside[0] & inside[1]:
        return []
    here, there = roots
    moved = second
    if (
        not Path(here).is_dir() and Path(there).is_dir()
    ):  # the source that is present here can show what decided a branch
        here, there, moved = there, here, first
    for stream in moved.streams.values():
        _move(stream, there.rstrip(os.sep) + os.sep, here.rstrip(os.sep) + os.sep)
    return [f"the program lay in {roots[0]} and in {roots[1]}: both are treated as the same folder"]


def _files(trace: Trace) -> set[str]:
    """The program's files, as far as their paths are whole."""
    found = set()
    for stream in trace.streams.values():
        for number in range(1, len(stream.structure.tables[SITES]) + 1):
            found.add(source_of(stream.text(SITES, number)).file)
    return {name for name in found if name.startswith(os.sep)}


def _root(files: set[str]) -> str:
    root = os.path.commonpath([os.path.dirname(name) for name in files]) if files else ""  # noqa: PTH120 - texts
    return "" if root == os.sep else root


def _move(stream: Stream, old: str, new: str) -> None:
    plain = stream.text

    def text(table: int, number: int) -> str:
        found = plain(table, number)
        return new + found.removeprefix(old) if table == SITES and found.startswith(old) else found

    stream.text = lru_cache(CACHED_TEXTS)(text)
