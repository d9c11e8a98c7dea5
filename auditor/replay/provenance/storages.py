"""What an input holds, and who wrote it: the way back from a differing input to where that began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..alignment.events import Event, event_at, inputs_read
from ..alignment.task_pair import Task
from ..alignment.two_streams import Pair
from ..trace.format import ALLOCATES, Record
from .taints import COLLECTIVES, Roots

WRITERS_BACK = 10_000
"""How many partial writes of one storage are gone back through."""
GIVEN_MEMORY = "aten::set_"
"""Gives a tensor memory that somebody else has filled: another process, a file."""
Writer = tuple[int, int]
"""(task, index of the record that wrote)."""


@dataclass(frozen=True)
class _End:
    """Where the way back from an input ends."""

    kind: Literal["label", "entered", "given", "unwritten", "other-order", "sent"]
    """A step that differs; nowhere; another's memory; an allocation; two different steps; an operation of ranks."""
    label: int = 0
    task: Task | None = None
    event: Event | None = None


ENTERED, GIVEN = _End("entered"), _End("given")


class Storages:
    """The storages of one process in both runs."""

    def __init__(self, roots: Roots, tasks: Mapping[int, Task]) -> None:
        self._roots, self._tasks = roots, tasks
        self._entered: dict[int, int] = {}
        """Labels of storages that no recorded step has written."""
        self._at: dict[tuple[int, int], int] = {}
        """Labels of allocations and collective operations."""
        self._ends: dict[tuple[Writer, int], _End] = {}
        """Where the way back ends from a step that wrote a part of a storage the same in both runs."""

    def not_yet_known(self, task: Task, pair: Pair) -> Iterator[Writer]:
        """(task, index) of steps of other tasks which wrote a differing input and were not followed yet."""
        for one, _ in _differing(task, pair):
            writer = one.writer
            if writer and writer[0] != task.key.ordinal and writer[0] in self._tasks:
                other = self._tasks[writer[0]]
                if not other.finished and other.done < writer[1]:
                    yield writer

    def of_inputs(self, task: Task, pair: Pair, in_python: int, in_own: int) -> list[int]:
        """
        Where the differences of a step's inputs began; none where its inputs are equal.

        `in_python` is where that began which Python's variables hold, and so what is made of them; `in_own` leaves
        out what other tasks hold, which does not decide in what order their results are taken.
        """
        held = in_python, in_own
        labels = [self._of_input(task, pair.first, both, held) for both in _differing(task, pair)]
        if not labels and len(pair.first.inputs) != len(pair.second.inputs):
            labels.append(in_python or self._roots.add(task.key, task.first, pair.first, "outside"))
        return labels

    def _of_input(self, task: Task, event: Event, both: tuple[Record, Record], held: tuple[int, int]) -> int:
        end, (in_python, in_own) = self._back(*both), held
        if end.label:
            return end.label
        if end.kind == "other-order":
            return in_own or self._roots.add(task.key, task.first, event, "other-order", inputs_equal=False)
        if end.task and end.event:
            return self._known_place(end.task, end.event, unwritten=end.kind == "unwritten")
        known = self._entered.get(both[0].name)
        if known is None:
            how = {"inputs_equal": False, "given": end is GIVEN}
            known = in_python or self._roots.add(task.key, task.first, event, "outside", **how)
            self._entered[both[0].name] = known
        return known

    def _known_place(self, task: Task, event: Event, *, unwritten: bool) -> int:
        """The label of an allocation that is read unwritten, or of a collective operation that brought what differs."""
        place = task.key.ordinal, event.record.at
        if place not in self._at:
            if unwritten:
                self._at[place] = self._roots.add(task.key, task.first, event, "reads-unwritten")
            else:
                self._at[place] = self._roots.add(task.key, task.first, event, "same-inputs-other-outputs")
        return self._at[place]

    def _back(self, one: Record, other: Record) -> _End:
        """From writer to writer of the storages of one input in both runs."""
        trail: list[tuple[Writer, int]] = []
        end = ENTERED
        writers = one.writer, other.writer
        for _ in range(WRITERS_BACK):
            if writers[0] is None:
                break
            place = writers[0], one.name
            known = self._ends.get(place)
            if known:
                end = known
                break
            trail.append(place)
            found = self._at_writer(writers[0], writers[1], one.name, other.name)
            if isinstance(found, _End):
                end = found
                break
            writers = found
        self._ends.update(dict.fromkeys(trail, end))
        return end

    def _at_writer(
        self, writer: Writer, partner: Writer | None, storage: int, other_storage: int
    ) -> _End | tuple[Writer | None, Writer | None]:
        """Where the way ends at this step; else who wrote the storage before it, in both runs."""
        task = self._tasks.get(writer[0])
        if task is None:
            return ENTERED
        label = task.labels.get(writer[1], 0)
        if label:
            return _End("label", label)
        event = event_at(task.shared, task.first, writer[1])
        if event is None:
            return ENTERED
        name = task.first.name_of(event.record)
        if event.record.flags & ALLOCATES:
            return GIVEN if name.startswith(GIVEN_MEMORY) else _End("unwritten", 0, task, event)
        if partner is None or partner[0] != writer[0] or task.places.other(writer[1]) != partner[1]:
            return _End("other-order")
        if name.startswith(COLLECTIVES):
            return _End("sent", 0, task, event)
        other = event_at(task.shared, task.second, partner[1])
        before = [read.writer for read in event.inputs if read.name == storage]
        other_before = [read.writer for read in other.inputs if read.name == other_storage] if other else []
        return (before[0], other_before[0]) if before and other_before else ENTERED


def _differing(task: Task, pair: Pair) -> list[tuple[Record, Record]]:
    """The inputs that differ, of those whose content is taken in."""
    sides = inputs_read(task.first, pair.first), inputs_read(task.second, pair.second)
    return [(one, other) for one, other in zip(*sides, strict=False) if one.digest != other.digest]
