"""The optimizer steps of a run, as its processes told them (`checks/recorders/replay/resume`). It is hostile data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ..runs.noted import STEPS, WROTE
from ..trace.archive import TaskKey
from ..trace.format import SourceLine, source_of

MOST_STEPS = 200_000
"""Of one task; the recorder tells no more."""
MOST_TASKS = 1000
MOST_LINE_BYTES = 1 << 20
MOST_PATHS = 100_000


class Told(BaseModel):
    """Base: immutable, and strict about types; a field that is not known is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Step(Told):
    """One step of an optimizer. Digests are hexadecimal text; equal ones stand for equal values."""

    optimizer: int
    """0 is the first optimizer that made a step."""
    kind: str
    """Its class."""
    records: int
    """Records in the task's stream by then."""
    site: str
    weights: str
    """Before the step; so are `slots`, `groups`, `schedulers` and `scalers`."""
    slots: dict[str, str]
    """The optimizer's state by name: `exp_avg`, `momentum_buffer`."""
    groups: list[dict[str, str]]
    """Settings of each group of weights: the learning rate."""
    schedulers: list[dict[str, str]]
    scalers: list[dict[str, str]]
    gradient: str
    after: str
    """The weights after it."""
    buffers: str
    """The model's buffers (running means) after it."""
    losses: list[str]
    """Of each backward pass since the last step, as Python prints a float."""
    rows: list[str]
    """The samples that entered the model, by content."""
    samples: list[int | None]
    """Their indices in the loader's data set; None where they are not known."""
    workers: int
    """Of the data loader."""
    passes: int
    """Iterations over loaders that were begun so far."""
    generators: dict[str, str]

    @property
    def source(self) -> SourceLine:
        """The user's line."""
        return source_of(self.site)

    @property
    def batch(self) -> tuple[object, ...]:
        """What identifies its samples: indices where all are known, else contents."""
        known = self.samples and len(self.samples) == len(self.rows) and None not in self.samples
        return tuple(self.samples) if known else tuple(self.rows)


class WrittenPath(Told):
    """A path that the program wrote, and how many steps it had made by then."""

    path: str
    steps: int


Line = TypeVar("Line", bound=Told)
Steps = Mapping[TaskKey, Sequence[Step]]
"""The steps of each task that made any, parents before children."""


def steps_of(folder: Path) -> Steps:
    """The steps of the run in this folder. A line that is cut off, or damaged, ends its task's steps."""
    found: dict[TaskKey, Sequence[Step]] = {}
    for path in sorted((folder / STEPS).glob("*"))[:MOST_TASKS]:
        lineage, _, ordinal = path.name.rpartition(".")
        if ordinal.isdecimal() and (told := _lines(path, Step, MOST_STEPS)):
            found[TaskKey(lineage, int(ordinal))] = told
    return {key: found[key] for key in sorted(found, key=lambda key: key.order)}


def written_paths(folder: Path) -> list[WrittenPath]:
    """The paths that the processes of a run wrote."""
    return [one for path in sorted((folder / WROTE).glob("*")) for one in _lines(path, WrittenPath, MOST_PATHS)]


def _lines(path: Path, kind: type[Line], most: int) -> list[Line]:
    found: list[Line] = []
    with path.open("rb") as file:
        while len(found) < most and (line := file.readline(MOST_LINE_BYTES)):
            try:
                found.append(kind.model_validate_json(line))
            except ValidationError:
                break
    return found
