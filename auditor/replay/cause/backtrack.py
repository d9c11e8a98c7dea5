"""
From where a value entered a framework back to the statement that made it differ.

A set that becomes a list, and later a tensor, is seen at the tensor: that is where recording begins. Where a cause is
proven there, the runs are made again by statements, and what the statement of that line read is followed back.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Cause
from ..provenance.origin_model import STATEMENTS, Origin
from ..provenance.propagation import Flow
from ..provenance.seeds import Seeds
from ..runs.run import Run
from ..trace.archive import Trace, open_trace
from ..trace.format import IN, OP, Source
from ..trace.frameworks import framework_of
from ..trace.stream import Stream
from .interventions import Hypothesis
from .locate import differing
from .usual_run import Runner

CAUSES: tuple[Cause, ...] = ("hash-order", "address-order", "file-order", "thread-order", "clock", "unseeded-random")
"""What Python's own statements do, and no operation of a framework."""
RECEIVES = ("outside", "other-order")
MOST_RUNS = 3
"""Runs by statement until two differ."""


def made_at(run: Runner, origin: Origin, proven: Hypothesis) -> Source | None:
    """
    The statement that made what differs at this operation; None if it is the operation's own, or was not found.

    `run` records by statement. A statement that differs under the cure too is not believed.
    """
    if origin.evidence not in RECEIVES or proven.cause not in CAUSES or framework_of(origin.name) == "python":
        return None
    first = run({}, "statement by statement, for what made that value")
    for number in range(1, MOST_RUNS):
        second = run({}, f"statement by statement, for what made that value, {number + 1}")
        if found := _followed_back(first, second, origin):
            return None if _differs_under(run, proven, origin, found) else found[1]
    return None


def _followed_back(first: Run, second: Run, origin: Origin) -> tuple[str, Source] | None:
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        return _in_traces(one, other, origin)


def _in_traces(first: Trace, second: Trace, origin: Origin) -> tuple[str, Source] | None:
    """Name and line of where that began which the first differing statement at the origin's line read."""
    others = second.of_process(origin.key.lineage)
    own = first.of_process(origin.key.lineage)
    pairs = {number: (stream, others[number]) for number, stream in own.items() if number in others}
    if origin.key.ordinal not in pairs:
        return None
    flow = Flow(origin.key.lineage, pairs, Seeds(first))
    flow.follow()
    return next(_made_before(flow, pairs[origin.key.ordinal][0], origin), None)


def _made_before(flow: Flow, stream: Stream, origin: Origin) -> Iterator[tuple[str, Source]]:
    """Name and line of what began in Python, before the operation first differed, and was read at its line."""
    entered = None
    for at, label in _labels_at_line(flow, stream, origin):
        entered = at if entered is None else entered
        root = flow.found[label - 1]
        source = root.branch.source if root.branch else root.source
        is_own = source[:2] == origin.source[:2]
        in_loop = root.branch is not None and origin.evidence == "other-order"  # it shows once paths part
        before = in_loop or root.event.record.at <= entered
        if before and not is_own and source.known and framework_of(root.name) == "python":
            yield root.name, source


def _labels_at_line(flow: Flow, stream: Stream, origin: Origin) -> Iterator[tuple[int, int]]:
    """(record, label) of the operation, of the statements at its line, and of what these read."""
    labels = flow.task(origin.key).labels
    inside = False
    for record in stream.records():
        if record.kind == OP:
            here = stream.source(record)[:2] == origin.source[:2]
            inside = here and stream.name_of(record) in STATEMENTS
            if (inside or (here and stream.name_of(record) == origin.name)) and labels.get(record.at):
                yield record.at, labels[record.at]
        elif inside and record.kind == IN and record.writer:
            task, written = record.writer
            if task == origin.key.ordinal and labels.get(written):
                yield record.at, labels[written]


def _differs_under(run: Runner, proven: Hypothesis, origin: Origin, found: tuple[str, Source]) -> bool:
    one, other = (run(proven.settings, f"with the cure, for what made that value, {number} of 2") for number in (1, 2))
    return any(step[:2] == found for step in differing(one, other, origin.key))
