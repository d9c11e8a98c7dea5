"""
What Python's variables and the libraries' generators may hold in one process: where that began which differs there.

Values in Python are not followed. From the last differing draw, read or value from outside on, a task's variables may
hold it; and what seeds a generator decides all that is drawn from it.
"""

from __future__ import annotations

from typing import Any

from ..alignment.events import Event
from ..alignment.task_pair import Task
from ..alignment.two_streams import Pair
from ..trace.format import DRAW
from ..trace.frameworks import framework_of
from .origin_model import LISTINGS, Evidence
from .seeds import MAKERS, Seeds, family
from .taints import Roots

OWN_GENERATOR = ".generator"
"""In the name of an operation of torch's that draws from a generator which it is given."""


class Held:
    """The labels of one process."""

    def __init__(self, roots: Roots, seeds: Seeds, *, several: bool) -> None:
        self._roots, self._seeds, self._several = roots, seeds, several
        self.in_python: dict[int, int] = {}
        """For each task, where that began which Python's variables may hold: the last differing read or draw."""
        self.generators: dict[str, int] = {}
        """Where that began which made a library's generator differ."""

    def draw(self, task: Task, event: Event) -> int:
        """A framework's generator was in another state."""
        generator = family(task.first.name_of(event.record))
        if OWN_GENERATOR in task.first.name_of(event.record) and (drawn := self._drawn(task)):
            return drawn  # `manual_seed` of a generator is not seen; Keras gives it what it drew from Python's
        seeded = self._seeds.seeded(task.key, generator, event.record.at)
        known = self.generators.get(generator)
        if seeded and known:
            return known  # another seed, or a branch that drew more
        evidence: Evidence = "other-order" if seeded and self._several else "draw-unseeded"
        told: dict[str, Any] = {"generator": generator, "seeded": seeded}
        if not seeded:
            told["from_system"] = self._seeds.from_system(task.key, generator, event.record.at)
        label = self._roots.add(task.key, task.first, event, evidence, inputs_equal=True, **told)
        self.generators.setdefault(generator, label)
        return label

    def seed(self, task: Task, event: Event) -> None:
        """Another seed was given."""
        generator = family(task.first.name_of(event.record))
        label = self.by(task) or self._roots.add(task.key, task.first, event, "outside", generator=generator)
        self.generators[generator] = label
        self.in_python[task.key.ordinal] = label  # the seed is a value of Python's, and so is a key made of it

    def value(self, task: Task, pair: Pair) -> None:
        """A draw of Python's or NumPy's, or a value from outside: from now on Python's variables may differ."""
        event = pair.first
        name = task.first.name_of(event.record)
        generator = family(name) if event.record.kind == DRAW else None
        seeded = bool(event.record.number) if generator else None
        received = self.generators.get(generator or "") or self.by(task)
        if seeded and received:
            label = received  # another seed, or drawn from what differs
        else:
            evidence: Evidence = "draw-unseeded" if generator and not seeded else "outside"
            told: dict[str, Any] = {"generator": generator, "seeded": seeded}
            if generator and not seeded and name not in MAKERS:
                told["from_system"] = self._seeds.from_system(task.key, generator, event.record.at)
            told["other_set"] = name in LISTINGS and event.record.extra != pair.second.record.extra
            label = self._roots.add(task.key, task.first, event, evidence, **told)
        if not (task.drawing and task.key.ordinal in self.in_python):  # of several draws in a row the first counts
            self.in_python[task.key.ordinal] = label
        task.drawing = True
        task.labels[event.record.at] = label

    def _drawn(self, task: Task) -> int:
        """Where an unseeded draw of Python's or NumPy's began that Python's variables may hold; 0 without."""
        label = self.by(task)
        root = self._roots.found[label - 1] if label else None
        return label if root and root.evidence == "draw-unseeded" and framework_of(root.name) == "python" else 0

    def by(self, task: Task, *, by_anybody: bool = True) -> int:
        """Where that began which Python's variables may hold: the task's, the main thread's, or of any task."""
        known = self.in_python.get(task.key.ordinal) or self.in_python.get(0)
        return known or (next(reversed(self.in_python.values()), 0) if by_anybody else 0)
