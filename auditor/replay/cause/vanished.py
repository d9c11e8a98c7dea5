"""
Whether a difference reaches nothing: what some operations gave differs, and what comes after them does not read it.

An operation may give memory that nobody reads, such as a workspace for its backward pass. Where the runs differ only in
such outputs, each kind of operation that took one and gave equal outputs is called again, in two further runs, with
other values at the differing places (`checks/recorders/replay/torch/unread.py`). If that never changes what it gives,
the places are unread, and the difference has vanished. If it does, the operation absorbed the difference: in a longer
run it need not. What is written in place, taken by nothing, alive at the end, or part of a parameter or an optimizer
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..alignment.events import Event, Shared, inputs_read
from ..alignment.two_streams import AlignedPair, Gap, align
from ..evidence.distances import FOLDER, described
from ..model import Line, Vanished
from ..runs.run import Run
from ..runs.runner import ExperimentRunner
from ..trace.archive import TaskKey, open_trace
from ..trace.format import DRAWS, INPLACE, OP, OUTSIDE, READS_OUT, TEXTS, SourceLine
from ..trace.stream import Stream
from .run_pair import outputs_differ

MOST_CONSUMERS = 4
"""Most kinds of operations that are called again, with two runs for each."""
MOST_TRIES = 3
"""Pairs of runs for one of them, until its inputs differ."""
ALIVE = "alive"


@dataclass(frozen=True)
class Consumer:
    """The first time that one kind of operation took a difference and gave equal outputs."""

    key: TaskKey
    at: int
    name: str
    source: SourceLine
    taken_from: str
    """The operation whose output it took."""
    made_at: SourceLine


@dataclass
class _Followed:
    """What one stream of two runs shows."""

    carriers: dict[tuple[int, int], bool] = field(default_factory=dict)
    """(task, index) of each record with other outputs, and whether an operation took them."""
    consumers: dict[tuple[str, SourceLine], Consumer] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What the runs showed."""

    vanished: tuple[Vanished, ...] = ()
    """The differences, if none of them reaches anything."""
    absorbed: bool = False
    """Whether operations read the difference and gave equal outputs all the same, and nothing else shows it."""


def decide(runs: ExperimentRunner, baseline: Sequence[Run], detailed: Sequence[Run]) -> Decision:
    """Whether all differences of these runs vanish; `detailed` are runs in the detail tier."""
    if any(outputs_differ(baseline[0], other) for other in baseline[1:]):
        return Decision()
    found: dict[tuple[str, SourceLine], Consumer] = {}
    for other in detailed[1:]:
        taken = consumers(detailed[0], other)
        if taken is None:
            return Decision()
        found |= {key: one for key, one in taken.items() if key not in found}
    if not found or len(found) > MOST_CONSUMERS:
        return Decision()
    told = []
    for consumer in found.values():
        unread = _is_unread(runs, consumer)
        if not unread:
            return Decision(absorbed=unread is False)
        told.append(_told(consumer))
    return Decision(tuple(told))


def _told(consumer: Consumer) -> Vanished:
    return Vanished(
        op=consumer.taken_from,
        source=Line.of(consumer.made_at),
        taken_by=consumer.name,
        taken_at=Line.of(consumer.source),
    )


def consumers(first: Run, second: Run) -> dict[tuple[str, SourceLine], Consumer] | None:
    """The operations that took a difference and gave equal outputs; None if a difference went anywhere else."""
    followed = _Followed()
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        if one.problems or other.problems or one.cut or other.cut or set(one.streams) != set(other.streams):
            return None
        for key, stream in one.streams.items():
            if not stream.detail or not _follow(followed, key, stream, other.streams[key]):
                return None
    return followed.consumers if all(followed.carriers.values()) else None


def _follow(followed: _Followed, key: TaskKey, first: Stream, second: Stream) -> bool:
    """Take in one stream; False if a difference in it may come out."""
    shared = Shared()
    for step in align(shared, first, second):
        if isinstance(step, Gap):
            return False
        if step.equal or step.first.record.kind == OUTSIDE:
            continue
        if not _is_data(shared, step, first, second) or not _taken(followed, key, step, first, second):
            return False
    return True


def _is_data(shared: Shared, pair: AlignedPair, first: Stream, second: Stream) -> bool:
    """Whether it is an operation that differs in nothing but the content of tensors, and writes only new ones."""
    one, other = pair.first, pair.second
    flags = one.record.flags | other.record.flags
    same = shared.number(first, TEXTS, one.argument) == shared.number(second, TEXTS, other.argument)
    alike = first.meta_of(one.record) == second.meta_of(other.record) and len(one.inputs) == len(other.inputs)
    return one.record.kind == OP and same and alike and not flags & (DRAWS | READS_OUT | INPLACE)


def _taken(followed: _Followed, key: TaskKey, pair: AlignedPair, first: Stream, second: Stream) -> bool:
    """Note what it takes and gives; False if it took a difference whose writer is not known."""
    writers = _differing_writers(pair.first, pair.second, first, second)
    for writer in writers:
        if writer is None or writer not in followed.carriers:
            return False
        followed.carriers[writer] = True
    one = pair.first.record
    if one.digest != pair.second.record.digest:
        followed.carriers[key.ordinal, one.at] = False
    elif writers and writers[0] is not None:
        name, source, made = first.name_of(one), first.source(one), first.record(writers[0][1])
        maker = first.name_of(made), first.source(made)
        followed.consumers.setdefault((name, source), Consumer(key, one.at, name, source, *maker))
    return True


def _differing_writers(one: Event, other: Event, first: Stream, second: Stream) -> list[tuple[int, int] | None]:
    pairs = zip(inputs_read(first, one), inputs_read(second, other), strict=False)
    return [left.writer for left, right in pairs if left.digest != right.digest]


def _is_unread(runs: ExperimentRunner, consumer: Consumer) -> bool | None:
    """Whether it does not read the differing places; None if that is not known, or they lie in what counts anyway."""
    place: dict[str, str | int] = {
        "lineage": consumer.key.lineage,
        "ordinal": consumer.key.ordinal,
        "at": consumer.at,
        "name": consumer.name,
    }
    for _ in range(MOST_TRIES):
        if runs.budget.left < 2:
            return None
        kept = runs.run({}, f"with the inputs of {consumer.name} kept", tier="detail", dump=place)
        other = str(kept.folder / FOLDER)
        again = runs.run({}, f"where {consumer.name} is called again", tier="detail", dump={**place, "other": other})
        answer = _answer(again.folder)
        if answer is None:
            return None
        if answer["differing"]:
            alive = (again.folder / FOLDER / ALIVE).exists()
            known = answer["stable"] and not answer["state"] and not alive
            return bool(answer["unread"]) if known else None
    return None


def _answer(run: Path) -> dict[str, int] | None:
    """What the calls showed; None if there were none. The program's process wrote it, so it is hostile data."""
    answer = (described(run / FOLDER) or {}).get("again")
    names = ("differing", "stable", "unread", "state")
    if not isinstance(answer, dict) or not all(isinstance(answer.get(name), int) for name in names):
        return None
    return {name: answer[name] for name in names}
