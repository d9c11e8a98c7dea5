"""
Inside a compiled region or a jitted call that gives other bits for equal inputs: the operation at which that begins.

The program is run again, and at the guilty call the recorder evaluates the region's own graph (Inductor's input, or
JAX's equations) operation by operation on the region's inputs, several times over. Evaluations are compared: the first
operation with equal inputs and other outputs is the one. Where all agree, the compiled kernels themselves differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from ..model import Divergence, Line
from ..provenance.origin_model import Origin
from ..runs.run import Run
from ..trace.archive import open_trace
from ..trace.format import IN, OP, REGION, Record, Source
from ..trace.stream import Stream

PREFIX = "zoom:"
PASS, STOPPED = "zoom:pass-", "zoom:stopped"
MOST_RUNS = 3
"""Runs until two evaluations part; each holds several."""

Place = Mapping[str, str | int]
"""Which call: `lineage`, `ordinal`, `name`, and `count`, how many of that name came before."""


class Step(NamedTuple):
    """One operation of an evaluation."""

    name: str
    source: Source
    meta: str
    digest: int
    inputs: tuple[int, ...]
    at: int = 0
    """Index of its record in the run that evaluated it; the same in each such run."""


@dataclass(frozen=True)
class Zoomed:
    """What was seen inside a region."""

    step: Step | None
    """The first operation with equal inputs and other outputs; None where the evaluations agree, or there are none."""
    text: str
    """For people."""


def zoom(run: Callable[[Place, str], Run], base: Run, origin: Origin) -> Zoomed | None:
    """Look into the region at which a difference began; None if it is none, or began before it."""
    place = place_of(base, origin)
    if place is None:
        return None
    passes: list[list[Step]] = []
    for number in range(MOST_RUNS):
        made = run(place, f"with {origin.name} evaluated operation by operation, {number + 1} of at most {MOST_RUNS}")
        passes += _passes(made, origin)
        if not passes:
            break
        found = _first_apart(passes)
        if found:
            return Zoomed(found, f"inside {origin.name}, which is evaluated operation by operation on the same inputs")
    if not passes:
        return Zoomed(None, f"{origin.name} could not be evaluated operation by operation")
    told = f"{len(passes)} evaluations of {origin.name} operation by operation on its inputs agree"
    return Zoomed(None, f"{told}: the compiled code itself differs")


def place_of(base: Run, origin: Origin) -> Place | None:
    """Which call of a region began it, counted by its name in its task; None for an operation that is none."""
    if origin.evidence != "same-inputs-other-outputs":
        return None
    with open_trace(base.folder) as trace:
        stream = trace.streams.get(origin.key)
        if stream is None or not 0 <= origin.at < stream.blocks or stream.record(origin.at).kind != REGION:
            return None
        count = sum(
            record.kind == REGION and stream.name_of(record) == origin.name for record in stream.records(0, origin.at)
        )
    return {"lineage": origin.key.lineage, "ordinal": origin.key.ordinal, "name": origin.name, "count": count}


def told(divergence: Divergence, zoomed: Zoomed | None) -> Divergence:
    """A divergence with what was seen inside its region."""
    if zoomed is None:
        return divergence
    step = zoomed.step
    if step is None:
        return divergence.model_copy(update={"zoom": zoomed.text})
    found: dict[str, object] = {"zoom": zoomed.text, "op": step.name, "meta": step.meta}
    found["outputs"] = [part for part in step.meta.split(";") if part]
    if step.source.known:
        source = step.source
        found["source"] = Line(file=source.file, line=source.line, code=source.code, function=source.function)
    return divergence.model_copy(update=found)


# ------------------------------------------------------------------------------------------------------- evaluations


def _passes(run: Run, origin: Origin) -> list[list[Step]]:
    """The evaluations that one run holds."""
    found: list[list[Step]] = []
    with open_trace(run.folder) as trace:
        stream = trace.streams.get(origin.key)
        for step in _steps(stream) if stream else ():
            if step.name.startswith(PASS):
                found.append([])
            elif found:
                found[-1].append(step)
    return found


def _steps(stream: Stream) -> Iterator[Step]:
    """Every record of an evaluation, with its inputs' contents."""
    head: Record | None = None
    inputs: list[int] = []
    for record in stream.records():
        if record.kind == IN:
            inputs.append(record.digest)
            continue
        if head is not None:
            yield _step(stream, head, inputs)
        zoomed = record.kind == OP and stream.name_of(record).startswith(PREFIX)
        head, inputs = (record if zoomed else None), []
    if head is not None:
        yield _step(stream, head, inputs)


def _step(stream: Stream, head: Record, inputs: list[int]) -> Step:
    name = stream.name_of(head)
    name = name if name.startswith((PASS, STOPPED)) else name.removeprefix(PREFIX)
    return Step(name, stream.source(head), stream.meta_of(head), head.digest, tuple(inputs), head.at)


def _first_apart(passes: list[list[Step]]) -> Step | None:
    """The earliest operation that gave other bits for equal inputs in any two evaluations."""
    found: list[tuple[int, Step]] = []
    for one, other in combinations(passes, 2):
        for place, (left, right) in enumerate(zip(one, other, strict=False)):
            if left._replace(at=0) == right._replace(at=0):
                continue
            if left.name == right.name and left.inputs == right.inputs:
                found.append((place, left))
            break  # from here on inputs differ too
    return min(found, key=lambda each: each[0])[1] if found else None
