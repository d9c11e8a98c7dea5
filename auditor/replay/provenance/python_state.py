"""
Taint of untracked Python state: a task's variables, and the generators of the libraries.

The trace does not follow values in Python. After a differing draw, read or external value, any variable of that task
may carry its taint. A tainted seed taints every later draw from its generator.
"""

from __future__ import annotations

from typing import Any

from ..alignment.events import Event
from ..alignment.two_streams import AlignedPair
from ..trace.format import DRAW, MAKERS, SourceLine
from ..trace.frameworks import framework_of
from .origin_model import LISTINGS, Evidence
from .seeds import Seeds, are_from_system, library_of, seeded_by
from .tainted_task import TaintedTask
from .taints import Taint, Taints

OWN_GENERATOR = ".generator"
"""In the name of a torch operation that draws from a generator passed to it."""


class PythonState:
    """The taint of one process's Python state."""

    def __init__(self, taints: Taints, seeds: Seeds, *, several: bool) -> None:
        self._taints, self._seeds, self._several = taints, seeds, several
        self.variables: dict[int, Taint] = {}
        """By task: the taint of its last differing read or draw, which any variable may carry."""
        self._generators: dict[str, Taint] = {}
        """By library: the taint of its generator."""

    def taint_of(self, task: TaintedTask, *, any_task: bool = True) -> Taint | None:
        """The taint that variables may carry: the task's own, the main thread's, or (`any_task`) any task's."""
        own = self.variables.get(task.key.ordinal) or self.variables.get(0)
        return own or (next(reversed(self.variables.values()), None) if any_task else None)

    def taint_variables(self, task: TaintedTask, taint: Taint) -> None:
        """From now on the task's variables may carry this taint."""
        self.variables[task.key.ordinal] = taint

    def taint_generator(self, library: str, taint: Taint) -> None:
        """Mark a library's generator, unless it carries an earlier taint."""
        self._generators.setdefault(library, taint)

    def draw(self, task: TaintedTask, event: Event) -> Taint:
        """The taint of a framework's draw whose generator was in another state."""
        name = task.first.name_of(event.record)
        generator = library_of(name)
        if event.record.number:
            return self._own_draw(task, event, generator)
        if OWN_GENERATOR in name and (drawn := self._unseeded_python_draw(task)):
            return drawn  # `manual_seed` of a generator is not recorded; Keras passes it a seed drawn in Python
        seeded = self._seeds.seeded(task.key, generator, event.record.at)
        known = self._generators.get(generator)
        if seeded and known:
            return known  # another seed, or a branch that drew more
        if not seeded and _has_seed(event, name):
            return self._seed_that_differs(task, event, generator)
        evidence: Evidence = "other-order" if seeded and self._several else "draw-unseeded"
        details: dict[str, Any] = {"generator": generator, "seeded": seeded}
        if not seeded:
            details.update(self._why_unseeded(task, generator, event))
        taint = self._taints.add(task.key, task.first, event, evidence, inputs_equal=True, **details)
        self.taint_generator(generator, taint)
        return taint

    def _why_unseeded(self, task: TaintedTask, generator: str, event: Event) -> dict[str, SourceLine | None]:
        """The call that took the generator's seed from entropy; without one, the seed call that came too late."""
        taken = self._seeds.from_system(task.key, generator, event.record.at)
        later = None if taken else self._seeds.later(task.key, generator, event.record.at)
        return {"from_system": taken, "seeded_later": later}

    def _own_draw(self, task: TaintedTask, event: Event, generator: str) -> Taint:
        """A draw from a generator of the program's own: its seed differs, or it drew more in one run."""
        family = _own(task, event)
        known = self._generators.get(family)
        if known is None:
            evidence: Evidence = "other-order" if self._several else "draw-unseeded"
            details: dict[str, Any] = {"generator": generator, "seeded": True, "inputs_equal": True}
            known = self._taints.add(task.key, task.first, event, evidence, **details)
            self.taint_generator(family, known)
        return known

    def _seed_that_differs(self, task: TaintedTask, event: Event, generator: str) -> Taint:
        """A draw with a seed of its own, or a global one that no recorded call gave."""
        known = self._generators.get(generator) or self.taint_of(task)
        return known or self._taints.add(task.key, task.first, event, "outside", generator=generator)

    def seed(self, task: TaintedTask, pair: AlignedPair) -> None:
        """A generator gets another seed."""
        event = pair.first
        name = task.first.name_of(event.record)
        generator = library_of(name)
        taint = self.taint_of(task)
        if taint is None:
            sides = (task.first, event.record), (task.second, pair.second.record)
            details: dict[str, Any] = {"generator": generator}
            if are_from_system(*sides):
                details["seeded"] = False
            taint = self._taints.add(task.key, task.first, event, "outside", **details)
        self._generators[_own(task, event) if event.record.number else seeded_by(name)] = taint
        self.taint_variables(task, taint)  # the seed is a Python value, and so is a JAX key made from it

    def value(self, task: TaintedTask, pair: AlignedPair) -> None:
        """A differing draw of Python's or NumPy's, or a differing external value: it taints the task's variables."""
        event = pair.first
        generator = library_of(task.first.name_of(event.record)) if event.record.kind == DRAW else None
        seeded = bool(event.record.number) if generator else None
        received = self._generators.get(generator or "") or self.taint_of(task)
        taint = received if seeded and received else self._new_value(task, pair, generator, seeded=seeded)
        if not (task.drawing and task.key.ordinal in self.variables):  # of consecutive draws the first one counts
            self.taint_variables(task, taint)
        task.drawing = True
        task.taints[event.record.at] = taint

    def _new_value(self, task: TaintedTask, pair: AlignedPair, generator: str | None, *, seeded: bool | None) -> Taint:
        event = pair.first
        name = task.first.name_of(event.record)
        details: dict[str, Any] = {"generator": generator, "seeded": seeded}
        unseeded = bool(generator) and not seeded
        if generator and unseeded and name not in MAKERS:
            details.update(self._why_unseeded(task, generator, event))
        details["other_set"] = name in LISTINGS and event.record.extra != pair.second.record.extra
        return self._taints.add(task.key, task.first, event, "draw-unseeded" if unseeded else "outside", **details)

    def _unseeded_python_draw(self, task: TaintedTask) -> Taint | None:
        """The taint of the variables, if an unseeded draw of Python's or NumPy's began it."""
        taint = self.taint_of(task)
        drawn = taint and taint.evidence == "draw-unseeded" and framework_of(taint.name) == "python"
        return taint if drawn else None


def _own(task: TaintedTask, event: Event) -> str:
    """The name of a generator of the program's own among those with a taint: each task counts its own."""
    return f"own {task.key.ordinal}.{event.record.number}"


def _has_seed(event: Event, name: str) -> bool:
    """Whether it is a draw of TensorFlow's with a seed: its state is the seeds', without one its result's."""
    return name.startswith("tf.") and event.record.extra != event.record.digest
