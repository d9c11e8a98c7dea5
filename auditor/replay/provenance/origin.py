"""
Where two runs began to differ: the first step that began a difference which somebody reads.

Each process is followed by itself (`flow.py`). Among processes, one that only received what differs (through a
collective operation, from a worker, from its parent) does not stand against one in which it began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ..alignment.events import Shared
from ..trace.archive import Key, Trace
from ..trace.common_prefix import check_comparable
from ..trace.format import DRAW, OUTSIDE, TEXTS, VOLATILE, Source
from ..trace.stream import Stream
from .origin_model import STRONG, Findings, Origin, Prior, Reach
from .propagation import Flow
from .seeds import Seeds, family
from .taints import REACH_ORDER, Root

MOST_OTHERS = 50
MOST_PRIORS = 16
LOOK_BACK_RECORDS = 65536
"""How far before an origin draws and values from outside are looked for."""
LOOK_AHEAD_EVENTS = 4096
"""How far after an origin equal values in another order are looked for."""


def find(first: Trace, second: Trace, shared_out: frozenset[Key] = frozenset()) -> Findings:
    """
    Where two runs of the same command began to differ.

    Takes two traces of the detail tier; of base traces only the first step that differs is known, and its evidence is
    `first-to-differ`. The streams of `shared_out` are left out (`bags.py`). Raises TraceError where the two cannot be
    compared, or are damaged.
    """
    origins: list[Origin] = []
    complete = True
    for lineage in first.lineages:
        others = {
            number: stream
            for number, stream in second.of_process(lineage).items()
            if Key(lineage, number) not in shared_out
        }
        pairs = {
            number: (stream, others[number]) for number, stream in first.of_process(lineage).items() if number in others
        }
        for pair in pairs.values():
            check_comparable(*pair)
        flow = Flow(lineage, pairs, Seeds(first))
        flow.follow()
        complete = complete and flow.complete
        chosen = [_earliest(flow, root) for root in sorted(flow.found, key=lambda root: root.order)[:MOST_OTHERS]]
        origins += [_origin(flow, root) for root in chosen]
    return _ranked(origins or list(_alone(first, second, shared_out)), complete=complete)


def _earliest(flow: Flow, root: Root) -> Root:
    """The first time that the same began at the same line; where one of them came out, they all may have."""
    first = min((one for one in flow.found if one.place == root.place), key=lambda one: one.label, default=root)
    return replace(first, reach=root.reach)


def _ranked(origins: list[Origin], *, complete: bool) -> Findings:
    """The one to explain first: that of the process in which it began."""
    best: dict[str, Origin] = {}
    for origin in origins:
        best.setdefault(origin.key.lineage, origin)
    if not best:
        return Findings(None, (), complete)
    chosen = min(best.values(), key=_order_among_processes)
    others = sorted((one for one in origins if one is not chosen), key=_reach_order)
    received = tuple(lineage for lineage in best if lineage != chosen.key.lineage)
    told = replace(chosen, received=received, reach=_furthest(chosen, best))
    return Findings(told, tuple(others[:MOST_OTHERS]), complete)


def _order_among_processes(origin: Origin) -> tuple[object, ...]:
    unseen = origin.reach is None or origin.reach.kind == "worker-seed"
    weak = origin.evidence not in STRONG
    return origin.collective, unseen, weak, _reach_order(origin), origin.key.order


def _reach_order(origin: Origin) -> int:
    return REACH_ORDER[origin.reach.kind] if origin.reach else len(REACH_ORDER)


def _furthest(chosen: Origin, best: dict[str, Origin]) -> Reach | None:
    """Where it came out: in a process that received it, if nobody read it in its own."""
    if chosen.reach and chosen.reach.kind in {"read", "scalar"}:
        return chosen.reach
    reads = [one.reach for one in best.values() if one.evidence not in STRONG and one.reach]
    return min((one for one in (chosen.reach, *reads) if one), key=lambda one: REACH_ORDER[one.kind], default=None)


def _alone(first: Trace, second: Trace, shared_out: frozenset[Key]) -> Iterator[Origin]:
    """Tasks that only one run had, where nothing else differs."""
    for trace, other in ((first, second), (second, first)):
        for key in trace.streams:
            if key not in other.streams and key not in shared_out:
                yield Origin(key, 0, "other-branch", "a task that only one run had", Source("?", 0))


def _origin(flow: Flow, root: Root) -> Origin:
    """A root as it is told."""
    reordered = root.evidence == "outside" and _is_reordered(flow, root)
    return Origin(
        key=root.key,
        at=root.event.record.at,
        evidence="other-order" if reordered else root.evidence,
        name=root.name,
        source=root.branch.source if root.branch else root.source,
        meta=root.meta,
        inputs_equal=root.inputs_equal,
        generator=root.generator,
        seeded=root.seeded,
        from_system=root.from_system,
        other_set=root.other_set,
        before=tuple(_before(flow, root)),
        branch=root.branch,
        reach=root.reach,
        collective=root.collective,
    )


def _before(flow: Flow, root: Root) -> Iterator[Prior]:
    """Draws and values from outside in the same task before it, the nearest first, each place once."""
    stream = flow.task(root.key).first
    end = min(root.event.record.at, stream.blocks)
    start = stream.boundary(max(0, end - LOOK_BACK_RECORDS))
    found: dict[tuple[str, Source], Prior] = {}
    for record in stream.records(start, end):
        if record.kind in {DRAW, OUTSIDE}:
            name, source = stream.name_of(record), stream.source(record)
            draws = record.kind == DRAW
            found.pop((name, source), None)  # the latest of each place
            found[name, source] = Prior(
                name,
                source,
                differs=flow.differs(root.key, record.at),
                volatile=not draws and bool(record.flags & VOLATILE),
                generator=family(name) if draws else None,
                seeded=bool(record.number) if draws else None,
            )
    yield from islice(reversed(found.values()), MOST_PRIORS)


def _is_reordered(flow: Flow, root: Root) -> bool:
    """Whether what comes in there is the same in both runs, in another order."""
    task, at = flow.task(root.key), root.event.record.at
    partner = task.places.other(at)
    if not root.event.is_operation or partner is None:
        return False
    shared, imbalance, parted = Shared(), Counter[object](), False
    sides = (_coming_in(shared, *side) for side in ((task.first, at), (task.second, partner)))
    for count, (one, other) in enumerate(zip(*sides, strict=False), 1):
        parted = parted or one != other
        imbalance[one] += 1
        imbalance[other] -= 1
        if not imbalance[one]:
            del imbalance[one]
        if one != other and not imbalance[other]:
            del imbalance[other]
        if count > 1 and parted and not imbalance:
            return True
    return False


def _coming_in(shared: Shared, stream: Stream, start: int) -> Iterator[object]:
    """What enters at one line, time after time: inputs that no step wrote, and arguments."""
    symbol = None
    for event in islice(shared.events(stream, start), LOOK_AHEAD_EVENTS):
        symbol = symbol or event.symbol
        if event.symbol == symbol:
            entering = tuple(one.digest for one in event.inputs if one.writer is None)
            yield entering, shared.number(stream, TEXTS, event.argument)
