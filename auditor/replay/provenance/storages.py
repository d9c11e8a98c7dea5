"""Taint of tensor storages: from a differing input back through its writers to where the difference began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..alignment.events import Event, event_at, inputs_read
from ..alignment.two_streams import AlignedPair
from ..trace.format import ALLOCATES, TraceRecord
from .python_state import PythonState
from .tainted_task import TaintedTask
from .taints import COLLECTIVES, Taint, Taints

WRITERS_BACK = 10_000
"""Limit of the partial writes of one storage that are followed back."""
GIVEN_MEMORY = "aten::set_"
"""Gives a tensor memory that another process or a file filled."""
Writer = tuple[int, int]
"""(task, index of the record that wrote)."""


@dataclass(frozen=True)
class _End:
    """Where the way back from an input ends."""

    kind: Literal["tainted", "entered", "given", "unwritten", "other-order", "sent"]
    """
    `tainted`: a step that differs. `entered`: no recorded writer. `given`: memory that another process or a file
    filled. `unwritten`: an allocation. `other-order`: two different writers. `sent`: a collective operation.
    """
    taint: Taint | None = None
    task: TaintedTask | None = None
    event: Event | None = None


ENTERED, GIVEN = _End("entered"), _End("given")


class Storages:
    """The storages of one process in both runs."""

    def __init__(self, taints: Taints, tasks: Mapping[int, TaintedTask], python: PythonState) -> None:
        self._taints, self._tasks, self._python = taints, tasks, python
        self._entered: dict[int, Taint] = {}
        """By storage that no recorded step wrote."""
        self._at: dict[Writer, Taint] = {}
        """By allocation or collective operation."""
        self._ends: dict[tuple[Writer, int], _End] = {}
        """Cache: where the way back ends from a step that wrote a part of a storage equally in both runs."""

    def not_yet_known(self, task: TaintedTask, pair: AlignedPair) -> Iterator[Writer]:
        """Writers of differing inputs, in other tasks, that were not followed yet."""
        for one, _ in _differing(task, pair):
            writer = one.writer
            if writer and writer[0] != task.key.ordinal and writer[0] in self._tasks:
                other = self._tasks[writer[0]]
                if not other.finished and other.done < writer[1]:
                    yield writer

    def of_inputs(self, task: TaintedTask, pair: AlignedPair) -> list[Taint]:
        """The taints of a step's inputs; empty if its inputs are equal."""
        taints = [self._of_input(task, pair.first, inputs) for inputs in _differing(task, pair)]
        if not taints and len(pair.first.inputs) != len(pair.second.inputs):
            taints.append(self._python.taint_of(task) or self._taints.add(task.key, task.first, pair.first, "outside"))
        return taints

    def _of_input(self, task: TaintedTask, event: Event, inputs: tuple[TraceRecord, TraceRecord]) -> Taint:
        end = self._back(*inputs)
        if end.taint:
            return end.taint
        if end.kind == "other-order":  # another task's variables do not decide in which order its results are taken
            own = self._python.taint_of(task, any_task=False)
            return own or self._taints.add(task.key, task.first, event, "other-order", inputs_equal=False)
        if end.task and end.event:
            return self._known_place(end.task, end.event, unwritten=end.kind == "unwritten")
        known = self._entered.get(inputs[0].name)
        if known is None:
            details = {"inputs_equal": False, "given": end is GIVEN}
            known = self._python.taint_of(task) or self._taints.add(task.key, task.first, event, "outside", **details)
            self._entered[inputs[0].name] = known
        return known

    def _known_place(self, task: TaintedTask, event: Event, *, unwritten: bool) -> Taint:
        """The taint of an allocation that is read unwritten, or of a collective operation that brought a difference."""
        place = task.key.ordinal, event.record.at
        if place not in self._at:
            evidence: Literal["reads-unwritten", "same-inputs-other-outputs"] = (
                "reads-unwritten" if unwritten else "same-inputs-other-outputs"
            )
            self._at[place] = self._taints.add(task.key, task.first, event, evidence)
        return self._at[place]

    def _back(self, one: TraceRecord, other: TraceRecord) -> _End:
        """From writer to writer of one input's storage, in both runs."""
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
        """The end of the way back, if it is this step; else the writers before it, in both runs."""
        task = self._tasks.get(writer[0])
        if task is None:
            return ENTERED
        taint = task.taints.get(writer[1])
        if taint:
            return _End("tainted", taint)
        event = event_at(task.shared, task.first, writer[1])
        if event is None:
            return ENTERED
        name = task.first.name_of(event.record)
        if event.record.flags & ALLOCATES:
            return GIVEN if name.startswith(GIVEN_MEMORY) else _End("unwritten", None, task, event)
        taint = self._of_branch(partner)
        if taint:
            return _End("tainted", taint)
        if partner is None or partner[0] != writer[0] or task.matched.other(writer[1]) != partner[1]:
            return _End("other-order")
        if name.startswith(COLLECTIVES):
            return _End("sent", None, task, event)
        other = event_at(task.shared, task.second, partner[1])
        before = [read.writer for read in event.inputs if read.name == storage]
        other_before = [read.writer for read in other.inputs if read.name == other_storage] if other else []
        return (before[0], other_before[0]) if before and other_before else ENTERED

    def _of_branch(self, partner: Writer | None) -> Taint | None:
        """The taint of a writer that only the second run had: it took another branch there."""
        task = self._tasks.get(partner[0]) if partner else None
        return task.only_second.get(partner[1]) if partner and task else None


def _differing(task: TaintedTask, pair: AlignedPair) -> list[tuple[TraceRecord, TraceRecord]]:
    """The pairs of inputs that differ, among those whose content the step reads."""
    sides = inputs_read(task.first, pair.first), inputs_read(task.second, pair.second)
    return [(one, other) for one, other in zip(*sides, strict=False) if one.digest != other.digest]
