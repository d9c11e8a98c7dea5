"""The tables that recorded processes left, read as untrusted data, and joined to what the program was seen to call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ..manifest import program

FOLDER = "tables"
LIMIT_BYTES = 64 * 1024 * 1024
"""Largest table of one process that is read."""
MOST_PROCESSES = 1000
JITTED = "jax.jit:"
"""Begins the name of a program of JAX of several equations; its function's name follows."""
Text = Annotated[str, Field(max_length=4000)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
PlaceRow = tuple[Text, Text, bool, Count]
DrawRow = tuple[Text, Text, bool, Count, Count]
SeedRow = tuple[Text, Text, Text, Count, Count]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SignatureRow(_Strict):
    """One signature of one process."""

    operator: Text
    arguments: list[JsonValue]
    settings: dict[str, JsonValue]
    interior: bool
    calls: Count
    places: list[PlaceRow]
    statistics: list[dict[str, JsonValue] | None] | None = None


class TableRow(_Strict):
    """The table of one process."""

    pid: Count
    parent: Text
    program: Text
    rank: Text
    python: Text
    ended: bool
    operations: Count
    steps: Count
    frameworks: list[Text]
    problems: list[Text]
    notes: list[Text]
    signatures: list[SignatureRow]
    beyond: dict[Text, Count]
    draws: list[DrawRow]
    seeds: list[SeedRow]


@dataclass(frozen=True)
class Place:
    """Where a signature is called from."""

    file: str
    line: int
    module: str
    backward: bool
    calls: int

    @property
    def text(self) -> str:
        """`train.py:41`; empty if no line of the user's is known."""
        return f"{Path(self.file).name}:{self.line}" if self.line else ""


NOWHERE = Place(file="", line=0, module="", backward=False, calls=0)


@dataclass
class Signature:
    """One distinct operator signature of the program."""

    operator: str
    arguments: list[JsonValue]
    """[positional arguments, named arguments], as the recorder describes them."""
    settings: dict[str, JsonValue]
    interior: bool
    """Whether it stands inside a compiled region, where other kernels may run."""
    calls: int = 0
    places: list[Place] = field(default_factory=list)
    statistics: list[dict[str, JsonValue] | None] = field(default_factory=list)
    """Of each tensor among the arguments, in order."""

    @property
    def id(self) -> str:
        """The same on every machine: a digest of operator, arguments, settings and the statistics of its inputs."""
        told = [self.operator, self.arguments, _without_threads(self.settings), self.statistics, self.interior]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def framework(self) -> str:
        """The framework whose operator it is."""
        return program.framework_of(self.operator)

    @property
    def is_part(self) -> bool:
        """Whether it is an equation of a program of JAX that has a signature of its own, and is called as a whole."""
        return self.interior and self.framework == "jax"

    @property
    def is_program(self) -> bool:
        """Whether it holds a compiled program, in which the names of functions stand."""
        named = self.arguments[1] if len(self.arguments) > 1 else None
        return isinstance(named, dict) and "program" in named

    @property
    def first(self) -> Place:
        """The place that calls it most."""
        return max(self.places, key=lambda one: (bool(one.line), one.calls), default=NOWHERE)

    def without_names(self) -> Signature:
        """The signature without file, line, module and the name of a function, which can name an author."""
        calls = [(one.backward, one.calls) for one in self.places]
        nameless = [replace(NOWHERE, backward=backward, calls=count) for backward, count in calls]
        jitted = self.operator.startswith(JITTED)
        return replace(self, places=nameless, operator=JITTED + "a function" if jitted else self.operator)

    def tensors(self) -> list[dict[str, JsonValue]]:
        """The descriptions of the tensors among its arguments, in order."""
        return [*_tensors(self.arguments)]


def _without_threads(settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in settings.items() if name != "threads"}


def _tensors(value: JsonValue) -> Iterable[dict[str, JsonValue]]:
    if isinstance(value, dict):
        if "tensor" in value:
            yield value
            return
        for one in value.values():
            yield from _tensors(one)
    elif isinstance(value, list):
        for one in value:
            yield from _tensors(one)


@dataclass(frozen=True)
class Observed:
    """What the processes of a program were seen to call."""

    tables: Sequence[TableRow]
    signatures: Sequence[Signature]
    """Distinct over all processes, the most frequent first."""
    beyond: Mapping[str, int]
    """Operator to the calls of further signatures, which were too many to keep."""
    problems: Sequence[str]
    """What could not be seen, and why."""

    @property
    def steps(self) -> int:
        """The most steps of optimizers that one process took."""
        return max((table.steps for table in self.tables), default=0)

    @property
    def operations(self) -> int:
        """All counted calls."""
        return sum(one.calls for one in self.signatures) + sum(self.beyond.values())


def read(folder: Path) -> Observed:
    """Read and join the tables of a run's folder."""
    found, problems = [], []
    paths = sorted(path for path in folder.glob("*.json") if path.is_file())
    if len(paths) > MOST_PROCESSES:
        problems.append(f"{len(paths) - MOST_PROCESSES} processes were not read: only the first {MOST_PROCESSES} are")
    for path in paths[:MOST_PROCESSES]:
        if path.stat().st_size > LIMIT_BYTES:
            problems.append(f"the record of a process has more than {LIMIT_BYTES} bytes and was not read")
            continue
        try:
            found.append(TableRow.model_validate_json(path.read_bytes()))
        except (ValidationError, ValueError, OSError) as problem:
            problems.append(f"the record of a process could not be read: {str(problem).splitlines()[0]}")
    found.sort(key=lambda table: (bool(table.parent), table.pid))
    for table in found:
        problems += _problems(table)
    return Observed(found, joined(found), _beyond(found), [*dict.fromkeys(problems)])


def _problems(table: TableRow) -> list[str]:
    name = f"{table.program or 'python'} (process {table.pid}{f', rank {table.rank}' if table.rank else ''})"
    told = [f"{name}: {problem}" for problem in (*table.problems, *table.notes)]
    if not table.ended:
        told.append(f"{name} was ended before it could write its last second of calls")
    if table.beyond:
        count = sum(table.beyond.values())
        told.append(f"{name} has too many signatures: {count} calls are counted by operator alone")
    return told


def _beyond(tables: Iterable[TableRow]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in tables:
        for operator, count in table.beyond.items():
            found[operator] = found.get(operator, 0) + count
    return found


def joined(tables: Iterable[TableRow]) -> list[Signature]:
    """The distinct signatures of all processes, the most frequent first."""
    known: dict[str, Signature] = {}
    places: dict[str, dict[tuple[str, str, bool], int]] = {}
    for table in tables:
        for row in table.signatures:
            key = json.dumps([row.operator, row.arguments, _without_threads(row.settings), row.interior])
            made = known.setdefault(key, Signature(row.operator, row.arguments, row.settings, row.interior))
            made.calls += row.calls
            made.statistics = made.statistics or list(row.statistics or [])
            for site, module, backward, count in row.places:
                held = places.setdefault(key, {})
                held[site, module, backward] = held.get((site, module, backward), 0) + count
    for key, made in known.items():
        made.places = [_place(*place, count) for place, count in places.get(key, {}).items()]
    return sorted(known.values(), key=lambda one: (-one.calls, one.operator, one.id))


def _place(site: str, module: str, backward: bool, calls: int) -> Place:  # noqa: FBT001 - the recorder's row
    file, line = source(site)
    return Place(file, line, module, backward, calls)


def source(site: str) -> tuple[str, int]:
    """(file, line) of a site's text; ("", 0) for none."""
    parts = site.split("\t")
    if len(parts) < 2 or not parts[1].isdecimal() or parts[0] == "?":
        return "", 0
    return parts[0], int(parts[1])
