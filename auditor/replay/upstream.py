"""
From where a value entered a framework back to the statement that made it differ.

A set that becomes a list, and later a tensor, is seen at the tensor: that is where recording begins. Where a cause is
proven there, the runs are made again by statements, and what the statement of that line read is followed back.
"""

from __future__ import annotations

from .candidates import Hypothesis
from .experiment import Run
from .findings import STATEMENTS, Origin
from .flow import Flow
from .frameworks import framework_of
from .model import Cause
from .places import differing
from .records import Source
from .search import Runner
from .seeds import Seeds
from .trace import Trace, open_trace

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
    stream = pairs[origin.key.ordinal][0]
    for at, label in flow.task(origin.key).labels.items():
        record = stream.record(at)
        if stream.name_of(record) in STATEMENTS and stream.source(record)[:2] == origin.source[:2] and label:
            root = flow.found[label - 1]
            source = root.branch.source if root.branch else root.source
            is_own = source[:2] == origin.source[:2]
            return None if is_own or root.name not in STATEMENTS or not source.known else (root.name, source)
    return None


def _differs_under(run: Runner, proven: Hypothesis, origin: Origin, found: tuple[str, Source]) -> bool:
    one, other = (run(proven.settings, f"with the cure, for what made that value, {number} of 2") for number in (1, 2))
    return any(step[:2] == found for step in differing(one, other, origin.key))
