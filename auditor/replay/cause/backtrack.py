"""
Follows a value that entered a framework back to the Python statement that made it differ.

A set that becomes a list and later a tensor is first recorded at the tensor. If a cause is proven there, the runs are
repeated with every statement recorded, and the taint of what that line read leads back to its origin.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Cause
from ..provenance.origin_model import STATEMENTS, Origin
from ..provenance.propagation import Taint, propagate
from ..provenance.seeds import SEEN_IN_STATE
from ..provenance.tainted_task import TaintedTask
from ..runs.run import Run
from ..trace.archive import Trace, open_trace
from ..trace.format import IN, OP, SourceLine
from ..trace.frameworks import framework_of
from .baseline_run import Runner
from .interventions import Hypothesis
from .locate import differing

CAUSES: tuple[Cause, ...] = (
    "hash-order",
    "address-order",
    "file-order",
    "thread-order",
    "clock",
    "unseeded-random",
    "seeded-too-late",
)
"""Causes that lie in Python statements, not in an operation of a framework."""
RECEIVES = ("outside", "other-order")
MOST_RUNS = 3
"""Limit of the runs by statement until two differ."""


def made_at(run: Runner, origin: Origin, proven: Hypothesis) -> SourceLine | None:
    """
    The statement that made the differing value of this operation; None if there is none, or it was not found.

    `run` records by statement. A statement that still differs under the cure is rejected.
    """
    if proven.factor == "seed" and origin.name in SEEN_IN_STATE:
        return None  # the generator took its seed itself
    if origin.evidence not in RECEIVES or proven.cause not in CAUSES or framework_of(origin.name) == "python":
        return None
    first = run({}, "statement by statement, for what made that value")
    for number in range(1, MOST_RUNS):
        second = run({}, f"statement by statement, for what made that value, {number + 1}")
        if found := _followed_back(first, second, origin):
            return None if _differs_under(run, proven, origin, found) else found[1]
    return None


def _followed_back(first: Run, second: Run, origin: Origin) -> tuple[str, SourceLine] | None:
    with open_trace(first.folder) as one, open_trace(second.folder) as other:
        return _in_traces(one, other, origin)


def _in_traces(first: Trace, second: Trace, origin: Origin) -> tuple[str, SourceLine] | None:
    """Name and line at which the difference began that the first differing statement at the origin's line read."""
    followed = propagate(origin.key.lineage, first, second)
    task = followed.task(origin.key)
    return next(_made_before(task, origin), None) if task else None


def _made_before(task: TaintedTask, origin: Origin) -> Iterator[tuple[str, SourceLine]]:
    """Name and line of what began in Python before the operation first differed, and was read at its line."""
    entered = None
    for at, taint in _taints_at_line(task, origin):
        entered = at if entered is None else entered
        source = taint.begins_at
        in_loop = taint.branch is not None and origin.evidence == "other-order"  # shows only once the runs diverge
        before = in_loop or taint.event.record.at <= entered
        if before and not source.same_line(origin.source) and source.known and framework_of(taint.name) == "python":
            yield taint.name, source


def _taints_at_line(task: TaintedTask, origin: Origin) -> Iterator[tuple[int, Taint]]:
    """(record, taint) of the operation, of the statements at its line, and of what these read."""
    stream = task.first
    inside = False
    for record in stream.records():
        if record.kind == OP:
            here = stream.source(record).same_line(origin.source)
            inside = here and stream.name_of(record) in STATEMENTS
            if (inside or (here and stream.name_of(record) == origin.name)) and record.at in task.taints:
                yield record.at, task.taints[record.at]
        elif inside and record.kind == IN and record.writer:
            number, written = record.writer
            if number == origin.key.ordinal and written in task.taints:
                yield record.at, task.taints[written]


def _differs_under(run: Runner, proven: Hypothesis, origin: Origin, found: tuple[str, SourceLine]) -> bool:
    one, other = (run(proven.settings, f"with the cure, for what made that value, {number} of 2") for number in (1, 2))
    return any(step[:2] == found for step in differing(one, other, origin.key))
