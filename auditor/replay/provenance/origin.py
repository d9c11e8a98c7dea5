"""
Where two runs began to differ: the first step that began a difference which the program reads.

Taint is propagated through each process by itself. Among processes, the one in which a difference began goes before
those that only received it (by a collective operation, from a worker, from the parent).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ..alignment.events import Shared
from ..trace.archive import TaskKey, Trace
from ..trace.format import DRAW, OP, OUTSIDE, REGION, TEXTS, SourceLine
from ..trace.stream import Stream
from .origin_model import STATEMENTS, STRONG, EarlierValue, Origin, Origins, Reach, earlier_value
from .propagation import Propagation, Taint, propagate
from .taints import REACH_ORDER

MOST_OTHERS = 50
MOST_EARLIER_VALUES = 16
LOOK_BACK_RECORDS = 65536
"""How far before an origin draws and external values are searched."""
LOOK_AHEAD_EVENTS = 4096
"""How far after an origin equal values in another order are searched."""


def find(first: Trace, second: Trace, left_out: frozenset[TaskKey] = frozenset()) -> Origins:
    """
    Where two runs of the same command began to differ.

    Takes two traces of the detail tier. Of base traces only the first step that differs is known; its evidence is
    `first-to-differ`. The streams of `left_out` are skipped (those of worker pools). Raises TraceError where the two
    cannot be compared, or are damaged.
    """
    origins: list[Origin] = []
    complete = True
    for lineage in first.lineages:
        followed = propagate(lineage, first, second, left_out)
        complete = complete and followed.complete
        origins += _of_process(followed)
    return _ranked(origins or list(_alone(first, second, left_out)), complete=complete)


def _of_process(followed: Propagation) -> list[Origin]:
    """One origin for each of the first taints; where one line began several, the first time it ran."""
    taints = followed.taints
    chosen = sorted(taints.found, key=taints.order)[:MOST_OTHERS]
    earliest: dict[tuple[object, ...], Taint] = {}
    for taint in taints.found:
        earliest.setdefault(taint.place, taint)
    return [_origin(followed, earliest[taint.place], taints.reach_of(taint)) for taint in chosen]


def _ranked(origins: list[Origin], *, complete: bool) -> Origins:
    """The origins with the one to explain first: that of the process in which the difference began."""
    best: dict[str, Origin] = {}
    for origin in origins:
        best.setdefault(origin.key.lineage, origin)
    if not best:
        return Origins(None, (), complete)
    chosen = min(best.values(), key=_order_among_processes)
    others = sorted((one for one in origins if one is not chosen), key=_reach_order)
    received = tuple(lineage for lineage in best if lineage != chosen.key.lineage)
    explained = replace(chosen, received=received, reach=_furthest(chosen, best))
    return Origins(explained, tuple(others[:MOST_OTHERS]), complete)


def _order_among_processes(origin: Origin) -> tuple[object, ...]:
    unseen = origin.reach is None or origin.reach.kind == "worker-seed"
    weak = origin.evidence not in STRONG
    return origin.collective, unseen, weak, _reach_order(origin), origin.key.order


def _reach_order(origin: Origin) -> int:
    return REACH_ORDER[origin.reach.kind] if origin.reach else len(REACH_ORDER)


def _furthest(chosen: Origin, best: dict[str, Origin]) -> Reach | None:
    """What it reaches: in a process that received it, if its own does not read it."""
    if chosen.reach and chosen.reach.kind in {"read", "scalar"}:
        return chosen.reach
    reads = [one.reach for one in best.values() if one.evidence not in STRONG and one.reach]
    return min((one for one in (chosen.reach, *reads) if one), key=lambda one: REACH_ORDER[one.kind], default=None)


def _alone(first: Trace, second: Trace, left_out: frozenset[TaskKey]) -> Iterator[Origin]:
    """If nothing else differs: tasks that only one run had."""
    for trace, other in ((first, second), (second, first)):
        for key in trace.streams:
            if key not in other.streams and key not in left_out:
                yield Origin(key, 0, "other-branch", "a task that only one run had", SourceLine("?", 0))


def _origin(followed: Propagation, taint: Taint, reach: Reach | None) -> Origin:
    """The report of a taint, with the most visible place that it reaches."""
    reordered = taint.evidence == "outside" and _is_reordered(followed, taint)
    enters, enters_at = _enters(followed, taint)
    return Origin(
        key=taint.key,
        at=taint.event.record.at,
        evidence="other-order" if reordered else taint.evidence,
        name=taint.name,
        source=taint.begins_at,
        meta=taint.meta,
        inputs_equal=taint.inputs_equal,
        generator=taint.generator,
        seeded=taint.seeded,
        from_system=taint.from_system,
        seeded_later=taint.seeded_later,
        other_set=taint.other_set,
        before=tuple(_before(followed, taint)),
        branch=taint.branch,
        enters=enters,
        enters_at=enters_at,
        reach=reach,
        collective=taint.collective,
    )


def _enters(followed: Propagation, taint: Taint) -> tuple[SourceLine | None, int]:
    """Line and record of a framework's first operation in its task that received the value of a draw, read or seed."""
    task, began = followed.task(taint.key), taint.event
    if task is None or began.is_operation:
        return None, -1
    received = (task.first.record(at) for at, one in task.taints.items() if one is taint and at > began.record.at)
    found = (one for one in received if one.kind in {OP, REGION} and task.first.name_of(one) not in STATEMENTS)
    return next(((task.first.source(one), one.at) for one in found), (None, -1))


def _before(followed: Propagation, taint: Taint) -> Iterator[EarlierValue]:
    """Draws and external values of the same task before it: the latest of each place, the nearest first."""
    task = followed.task(taint.key)
    if task is None:
        return
    end = min(taint.event.record.at, task.first.blocks)
    start = task.first.boundary(max(0, end - LOOK_BACK_RECORDS))
    found: dict[tuple[str, SourceLine], EarlierValue] = {}
    for record in task.first.records(start, end):
        if record.kind in {DRAW, OUTSIDE}:
            value = earlier_value(task.first, record, differs=record.at in task.taints)
            began = task.taints.get(record.at)
            if began is not None and began.event.record.at == record.at:
                value = value._replace(seeded_later=began.seeded_later)
            found.pop((value.name, value.source), None)
            found[value.name, value.source] = value
    yield from islice(reversed(found.values()), MOST_EARLIER_VALUES)


def _is_reordered(followed: Propagation, taint: Taint) -> bool:
    """Whether the values that enter at its line are the same in both runs, in another order."""
    task, at = followed.task(taint.key), taint.event.record.at
    partner = task.matched.other(at) if task else None
    if task is None or partner is None or not taint.event.is_operation:
        return False
    shared, imbalance, diverged = Shared(), Counter[object](), False
    sides = (_coming_in(shared, *side) for side in ((task.first, at), (task.second, partner)))
    for count, (one, other) in enumerate(zip(*sides, strict=False), 1):
        diverged = diverged or one != other
        imbalance[one] += 1
        imbalance[other] -= 1
        if not imbalance[one]:
            del imbalance[one]
        if one != other and not imbalance[other]:
            del imbalance[other]
        if count > 1 and diverged and not imbalance:
            return True
    return False


def _coming_in(shared: Shared, stream: Stream, start: int) -> Iterator[object]:
    """What enters each time that one line runs: inputs that no step wrote, and arguments."""
    symbol = None
    for event in islice(shared.events(stream, start), LOOK_AHEAD_EVENTS):
        symbol = symbol or event.symbol
        if event.symbol == symbol:
            entering = tuple(one.digest for one in event.inputs if one.writer is None)
            yield entering, shared.number(stream, TEXTS, event.argument)
