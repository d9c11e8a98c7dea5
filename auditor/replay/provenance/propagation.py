"""
Taint propagation through one process: from where each difference begins, along storages, to what reads it.

A step that differs either received the difference (one of its inputs is tainted) or began it. A step that began one
gets a new taint; whatever it writes carries that taint on. The tasks of a process are followed side by side, each as
far as another one needs to know what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..alignment import branches
from ..alignment.events import Event
from ..alignment.task_pair import runs_ahead
from ..alignment.two_streams import AlignedPair, Gap, align
from ..trace.archive import TaskKey, Trace
from ..trace.common_prefix import check_comparable
from ..trace.format import DRAW, ENTERS, INPLACE, METAS, OUTSIDE, READ, SEED, TEXTS
from ..trace.stream import Stream
from .origin_model import Evidence
from .python_state import PythonState
from .seeds import Seeds, library_of
from .storages import Storages, Writer
from .tainted_task import TaintedTask
from .taints import Taint, Taints

__all__ = ["Propagation", "Taint", "propagate"]

FOLLOWED_STEPS = 300_000
"""Limit of differing steps that are followed in one process: about ten seconds."""
EQUAL_STEPS = 5
"""So many equal steps behind the first difference take as long as one that differs."""
AFTER_READ_STEPS = 100_000
"""Limit of steps after the first differing read: an earlier difference may still reach an output."""
WITHOUT_INPUTS_STEPS = 20_000
"""FOLLOWED_STEPS of a base trace: without inputs nothing can be followed, only whether something is read soon."""
RECENT_DIGESTS = 4096
"""How many of the last tainted digests are kept, for reads that do not name their storage."""
OF_FUNCTIONS = ("tf.IteratorGetNext", "tf.IteratorGetNextSync", "tf.PyFunc", "tf.EagerPyFunc")
"""TensorFlow operations whose result may come from Python functions that run in threads of TensorFlow's own."""


def propagate(lineage: str, first: Trace, second: Trace, left_out: frozenset[TaskKey] = frozenset()) -> Propagation:
    """
    Propagate taint through one process, in the tasks that both runs have, without those of `left_out`.

    Raises TraceError where two streams cannot be compared.
    """
    others = second.of_process(lineage)
    pairs = {
        number: (stream, others[number])
        for number, stream in first.of_process(lineage).items()
        if number in others and TaskKey(lineage, number) not in left_out
    }
    for pair in pairs.values():
        check_comparable(*pair)
    followed = Propagation(lineage, pairs, Seeds(first, second))
    followed.follow()
    return followed


class Propagation:
    """The taint of one process, in both runs."""

    def __init__(self, lineage: str, pairs: Mapping[int, tuple[Stream, Stream]], seeds: Seeds) -> None:
        self.taints = Taints()
        self.complete = True
        """Whether every task was followed to its end."""
        self._tasks = {number: TaintedTask(TaskKey(lineage, number), *pair) for number, pair in sorted(pairs.items())}
        self._functions = [number for number, task in self._tasks.items() if runs_ahead(task.first)]
        self._python = PythonState(self.taints, seeds, several=len(self._tasks) > 1)
        self._storages = Storages(self.taints, self._tasks, self._python)
        self._recent: dict[int, Taint] = {}
        """The last tainted digests that were written."""
        self._steps = self._steps_after_read = 0
        detail = all(first.detail for first, _ in pairs.values())
        self._limit = FOLLOWED_STEPS if detail else WITHOUT_INPUTS_STEPS

    def task(self, key: TaskKey) -> TaintedTask | None:
        """The task of this name; None if not both runs have it."""
        return self._tasks.get(key.ordinal)

    # ------------------------------------------------------------------------------------------------- side by side

    def follow(self) -> None:
        """Follow every task to its end, or to the limits above."""
        running = {number: self._run(task) for number, task in self._tasks.items()}
        for number in self._tasks:
            stack: list[tuple[int, int | None]] = [(number, None)]
            while stack:
                current, until = stack[-1]
                task = self._tasks[current]
                if task.finished or (until is not None and task.done >= until):
                    stack.pop()
                    continue
                needed = next(running[current], None)
                if needed is None:
                    task.finished = True
                elif needed[0] not in {waiting for waiting, _ in stack}:  # in a forged trace a task may wait for itself
                    stack.append(needed)
        for task in self._tasks.values():
            if task.last:
                taint, event = task.last
                self.taints.add_reach(taint, task.key, task.first, event, "last")

    def _run(self, task: TaintedTask) -> Iterator[Writer]:
        """The steps of one task. Yields the (task, index) that must be followed first, and itself after each step."""
        for step in align(task.shared, task.first, task.second):
            if self._is_enough():
                return
            if isinstance(step, Gap):
                self._gap(task, step)
                continue
            task.matched.add(step.first.record.at, step.second.record.at)
            if not step.equal:
                yield from self._storages.not_yet_known(task, step)
                yield from self._functions_first(task, step)
                self._differs(task, step)
            if step.first.is_operation:
                task.drawing = False
            task.done = step.first.record.at
            if self.taints.found:
                self._steps += EQUAL_STEPS if not step.equal else 1
            self._steps_after_read += bool(self._python.variables)
            yield task.key.ordinal, task.done

    def _is_enough(self) -> bool:
        if self.taints.first_is_read:
            return True  # no later difference can be the origin
        if self._steps < self._limit * EQUAL_STEPS and self._steps_after_read < AFTER_READ_STEPS:
            return False
        self.complete = False
        return True

    # ------------------------------------------------------------------------------------------------------- steps

    def _differs(self, task: TaintedTask, pair: AlignedPair) -> None:
        """Take in a step that differs."""
        kind = pair.first.record.kind
        if kind == SEED:
            self._python.seed(task, pair)
        elif kind in {DRAW, OUTSIDE}:
            self._python.value(task, pair)
        elif kind == READ:
            self._read(task, pair.first, self._of_read(task, pair))
        elif pair.first.is_operation:
            self._operation(task, pair)

    def _operation(self, task: TaintedTask, pair: AlignedPair) -> None:
        one, other = pair.first.record, pair.second.record
        same = one.digest == other.digest and task.same_text(METAS, one.meta, other.meta)
        taint = self._of_detail(task, pair) if task.first.detail else self._of_base(task, pair)
        if not taint and not same:
            taint = self._of_functions(task, pair)
            taint = taint or self._add(task, pair.first, "same-inputs-other-outputs", inputs_equal=True)
        if taint and pair.first.is_read:
            self._read(task, pair.first, taint)
        if taint and not (one.digest or one.flags & (ENTERS | INPLACE)):
            self._python.taint_variables(task, taint)  # another view of the same storage, chosen by a Python value
        if not taint or (same and one.digest):
            return  # the output is equal: the difference ends here
        task.taints[one.at] = taint
        if one.digest or other.digest:
            task.last = taint, pair.first
            self._remember(one.digest, taint)

    def _of_detail(self, task: TaintedTask, pair: AlignedPair) -> Taint | None:
        """The earliest taint of what a step reads: its inputs, its arguments, its generator."""
        one, other = pair.first, pair.second
        taints = self._storages.of_inputs(task, pair)
        if not task.same_text(TEXTS, one.argument, other.argument):
            known = self._python.taint_of(task)
            taints.append(known or self._add(task, one, "outside", inputs_equal=not taints))
        if one.draws and one.record.extra != other.record.extra:
            taints.append(self._python.draw(task, one))
        return min(taints, default=None)

    def _functions_first(self, task: TaintedTask, pair: AlignedPair) -> Iterator[Writer]:
        """Before a result of TensorFlow's pipelines: all draws of the Python functions that may have made it."""
        if pair.first.is_operation and task.first.name_of(pair.first.record) in OF_FUNCTIONS:
            for number in self._functions:
                if not self._tasks[number].finished:
                    yield number, self._tasks[number].first.blocks

    def _of_functions(self, task: TaintedTask, pair: AlignedPair) -> Taint | None:
        """The earliest taint of the Python functions that may have made a result of TensorFlow's pipelines."""
        if task.first.name_of(pair.first.record) not in OF_FUNCTIONS:
            return None
        known = self._python.variables
        return min((known[number] for number in self._functions if number in known), default=None)

    def _of_base(self, task: TaintedTask, pair: AlignedPair) -> Taint:
        """Without inputs: everything after the first difference may have received it."""
        if known := self._python.taint_of(task) or next(iter(self.taints.found), None):
            return known
        if pair.first.draws and pair.first.record.extra != pair.second.record.extra:
            return self._python.draw(task, pair.first)
        return self._add(task, pair.first, "outside" if pair.first.record.flags & ENTERS else "first-to-differ")

    def _gap(self, task: TaintedTask, gap: Gap) -> None:
        """The runs took different steps: because of a tainted Python variable, or of something that is not recorded."""
        taint = self._python.taint_of(task) or self._branch(task, gap)
        for one in gap.only_first:
            task.taints[one.record.at] = taint
            task.done = one.record.at
            if one.is_operation and one.record.digest:
                task.last = taint, one
                self._remember(one.record.digest, taint)
            if one.is_read:
                self._read(task, one, taint)
        task.only_second.update((one.record.at, taint) for one in gap.only_second)
        for stream, events in ((task.first, gap.only_first), (task.second, gap.only_second)):
            for one in events:
                if one.draws:
                    self._python.taint_generator(library_of(stream.name_of(one.record)), taint)
        if gap.following:
            task.matched.add(gap.following[0].record.at, gap.following[1].record.at)

    def _branch(self, task: TaintedTask, gap: Gap) -> Taint:
        branch = branches.blame(task.first, task.second, gap)
        stream, event = (task.first, gap.next_first) if gap.next_first else (task.second, gap.next_second)
        if event is None:
            raise ValueError("a gap without a step")
        return self.taints.add(task.key, stream, event, "other-branch", branch=branch)

    def _of_read(self, task: TaintedTask, pair: AlignedPair) -> Taint:
        """The taint of what is read here: of its storage, of an equal digest, of Python, of the last result."""
        known = min(self._storages.of_inputs(task, pair), default=None) or self._recent.get(pair.first.record.digest)
        known = known or self._python.taint_of(task)
        return known or (task.last[0] if task.last else self._add(task, pair.first, "outside"))

    def _read(self, task: TaintedTask, event: Event, taint: Taint) -> None:
        kind = event.record.kind
        self.taints.add_reach(taint, task.key, task.first, event, "read" if kind == READ else "scalar")
        self._python.taint_variables(task, taint)

    # ------------------------------------------------------------------------------------------------------- parts

    def _add(self, task: TaintedTask, event: Event, evidence: Evidence, **known: Any) -> Taint:
        return self.taints.add(task.key, task.first, event, evidence, **known)

    def _remember(self, digest: int, taint: Taint) -> None:
        self._recent[digest] = taint
        if len(self._recent) > RECENT_DIGESTS:
            del self._recent[next(iter(self._recent))]
