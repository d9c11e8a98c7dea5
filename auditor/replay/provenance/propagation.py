"""
How differences flow through one process: from where each begins, along storages, to what reads them.

A step of which something differs either received that (an input was written by a step that differs) or began it. What
begins gets a label; labels go along with what is written. Tasks of a process are followed side by side, each as far as
another one needs to know what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..alignment import branches
from ..alignment.events import Event
from ..alignment.task_pair import Task, runs_ahead
from ..alignment.two_streams import Gap, Pair, walk
from ..trace.archive import Key
from ..trace.format import DRAW, ENTERS, INPLACE, METAS, OUTSIDE, READ, SEED, TEXTS
from ..trace.stream import Stream
from .origin_model import Evidence
from .python_state import Held
from .seeds import Seeds, family
from .storages import Storages
from .taints import Root, Roots

FOLLOWED_STEPS = 300_000
"""Differing steps of a process that are followed: about ten seconds."""
EQUAL_STEPS = 5
"""So many equal steps, behind the first difference, take as long as one that differs."""
AFTER_READ_STEPS = 100_000
"""And after the first differing read: whether an earlier beginning comes out too."""
WITHOUT_INPUTS_STEPS = 20_000
"""And of a base trace, in which nothing can be followed: whether something is read soon."""
RECENT_DIGESTS = 4096
OF_FUNCTIONS = ("tf.IteratorGetNext", "tf.IteratorGetNextSync", "tf.PyFunc", "tf.EagerPyFunc")
"""Operations of TensorFlow whose result may come from Python functions that it calls in threads of its own."""


class Flow:
    """One process of both runs."""

    def __init__(self, lineage: str, pairs: Mapping[int, tuple[Stream, Stream]], seeds: Seeds) -> None:
        self.roots = Roots()
        self.complete = True
        self._tasks = {number: Task(Key(lineage, number), *pair) for number, pair in sorted(pairs.items())}
        self._functions = [number for number, task in self._tasks.items() if runs_ahead(task.first)]
        self._storages = Storages(self.roots, self._tasks)
        self._held = Held(self.roots, seeds, several=len(self._tasks) > 1)
        self._recent: dict[int, int] = {}
        """Labels by the digests that were lately written, for reads that do not name their storage."""
        self._steps = self._steps_after_read = 0
        detail = all(first.detail for first, _ in pairs.values())
        self._limit = FOLLOWED_STEPS if detail else WITHOUT_INPUTS_STEPS

    @property
    def found(self) -> list[Root]:
        """What was found, in the order in which it was met."""
        return self.roots.found

    def task(self, key: Key) -> Task:
        """The pair of streams of this name."""
        return self._tasks[key.ordinal]

    def differs(self, key: Key, at: int) -> bool:
        """Whether what this record of the first run gave was followed and is not the same in the second."""
        return at in self._tasks[key.ordinal].labels

    # ------------------------------------------------------------------------------------------------- side by side

    def follow(self) -> None:
        """Follow every task to its end, or as far as is followed."""
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
                elif needed[0] not in {waiting for waiting, _ in stack}:  # no run can wait for itself; a forged one may
                    stack.append(needed)
        for task in self._tasks.values():
            if task.last:
                label, event = task.last
                self.roots.came_out(label, task.key, task.first, event, "last")

    def _run(self, task: Task) -> Iterator[tuple[int, int]]:
        """The steps of one task. Yields (task, index) that must be followed first, and itself after each step."""
        for step in walk(task.shared, task.first, task.second):
            if self._is_enough():
                return
            if isinstance(step, Gap):
                self._gap(task, step)
                continue
            task.places.add(step.first.record.at, step.second.record.at)
            if not step.equal:
                yield from self._storages.not_yet_known(task, step)
                yield from self._functions_first(task, step)
                self._differs(task, step)
            if step.first.is_operation:
                task.drawing = False
            task.done = step.first.record.at
            if self.found:
                self._steps += EQUAL_STEPS if not step.equal else 1
            self._steps_after_read += bool(self._held.in_python)
            yield task.key.ordinal, task.done

    def _is_enough(self) -> bool:
        if self.roots.reached:
            return True  # what began first came out: nothing later can be the answer
        if self._steps < self._limit * EQUAL_STEPS and self._steps_after_read < AFTER_READ_STEPS:
            return False
        self.complete = False
        return True

    # ------------------------------------------------------------------------------------------------------- steps

    def _differs(self, task: Task, pair: Pair) -> None:
        """A step of which something differs."""
        kind = pair.first.record.kind
        if kind == SEED:
            self._held.seed(task, pair.first)
        elif kind in {DRAW, OUTSIDE}:
            self._held.value(task, pair)
        elif kind == READ:
            self._read(task, pair.first, self._of_read(task, pair))
        elif pair.first.is_operation:
            self._operation(task, pair)

    def _operation(self, task: Task, pair: Pair) -> None:
        one, other = pair.first.record, pair.second.record
        metas = (
            task.shared.number(*side) for side in ((task.first, METAS, one.meta), (task.second, METAS, other.meta))
        )
        same = one.digest == other.digest and len(set(metas)) == 1
        label = self._of_detail(task, pair) if task.first.detail else self._of_base(task, pair)
        if not label and not same:
            label = self._of_functions(task, pair)
            label = label or self._add(task, pair.first, "same-inputs-other-outputs", inputs_equal=True)
        if label and pair.first.is_read:
            self._read(task, pair.first, label)
        if label and not (one.digest or one.flags & (ENTERS | INPLACE)):
            self._held.in_python[task.key.ordinal] = label  # another view of the same, as Python told it
        if not label or (same and one.digest):
            return  # what differed ended here
        task.labels[one.at] = label
        if one.digest or other.digest:
            task.last = label, pair.first
            self._remember(one.digest, label)

    def _of_detail(self, task: Task, pair: Pair) -> int:
        """Where that began which differs in what went into a step; 0 if nothing does."""
        one, other = pair.first, pair.second
        labels = self._storages.of_inputs(task, pair, self._held.by(task), self._held.by(task, by_anybody=False))
        arguments = (
            task.shared.number(stream, TEXTS, event.argument)
            for stream, event in ((task.first, one), (task.second, other))
        )
        if len(set(arguments)) > 1:
            labels.append(self._held.by(task) or self._add(task, one, "outside", inputs_equal=not labels))
        if one.draws and one.record.extra != other.record.extra:
            labels.append(self._held.draw(task, one))
        return min(labels, default=0)

    def _functions_first(self, task: Task, pair: Pair) -> Iterator[tuple[int, int]]:
        """Before what TensorFlow's pipelines and calls of Python give, all that those functions of Python drew."""
        if pair.first.is_operation and task.first.name_of(pair.first.record) in OF_FUNCTIONS:
            for number in self._functions:
                if not self._tasks[number].finished:
                    yield number, self._tasks[number].first.blocks

    def _of_functions(self, task: Task, pair: Pair) -> int:
        """Where that began which a function of Python's gave there."""
        if task.first.name_of(pair.first.record) not in OF_FUNCTIONS:
            return 0
        known = self._held.in_python
        return min((known[number] for number in self._functions if number in known), default=0)

    def _of_base(self, task: Task, pair: Pair) -> int:
        """Without inputs: everything after the first that differs may have received it."""
        if self._held.by(task) or self.found:
            return self._held.by(task) or 1
        if pair.first.draws and pair.first.record.extra != pair.second.record.extra:
            return self._held.draw(task, pair.first)
        return self._add(task, pair.first, "outside" if pair.first.record.flags & ENTERS else "first-to-differ")

    def _gap(self, task: Task, gap: Gap) -> None:
        """The runs went different ways: because of a value that Python holds, or of something that nobody saw."""
        label = self._held.by(task) or self._branch(task, gap)
        for one in gap.only_first:
            task.labels[one.record.at] = label
            task.done = one.record.at
            if one.is_operation and one.record.digest:
                task.last = label, one
                self._remember(one.record.digest, label)
            if one.is_read:
                self._read(task, one, label)
        for stream, events in ((task.first, gap.only_first), (task.second, gap.only_second)):
            for one in events:
                if one.draws:
                    self._held.generators.setdefault(family(stream.name_of(one.record)), label)
        if gap.following:
            task.places.add(gap.following[0].record.at, gap.following[1].record.at)

    def _branch(self, task: Task, gap: Gap) -> int:
        branch = branches.blame(task.first, task.second, gap)
        stream, event = (task.first, gap.next_first) if gap.next_first else (task.second, gap.next_second)
        if event is None:
            raise ValueError("a gap without a step")
        return self.roots.add(task.key, stream, event, "other-branch", branch=branch)

    def _of_read(self, task: Task, pair: Pair) -> int:
        """Where that began which is read here."""
        labels = self._storages.of_inputs(task, pair, self._held.by(task), self._held.by(task, by_anybody=False))
        label = min(labels, default=0) or self._recent.get(pair.first.record.digest, 0) or self._held.by(task)
        return label or (task.last[0] if task.last else self._add(task, pair.first, "outside"))

    def _read(self, task: Task, event: Event, label: int) -> None:
        self.roots.came_out(label, task.key, task.first, event, "read" if event.record.kind == READ else "scalar")
        self._held.in_python[task.key.ordinal] = label

    # ------------------------------------------------------------------------------------------------------- parts

    def _add(self, task: Task, event: Event, evidence: Evidence, **known: Any) -> int:
        return self.roots.add(task.key, task.first, event, evidence, **known)

    def _remember(self, digest: int, label: int) -> None:
        self._recent[digest] = label
        if len(self._recent) > RECENT_DIGESTS:
            del self._recent[next(iter(self._recent))]
