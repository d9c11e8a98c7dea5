"""
Finds the operation inside a compiled region or a jitted call whose outputs differ for equal inputs.

The program runs again. At the call in question the recorder evaluates the region's own graph (Inductor's input, or
JAX's equations) operation by operation on the region's inputs, several times. The evaluations are compared: the first
operation with equal inputs and different outputs is reported. If all agree, the compiled kernels themselves differ.
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
from ..trace.format import IN, OP, REGION, ZOOM, SourceLine, TraceRecord
from ..trace.stream import Stream

PASS, STOPPED = f"{ZOOM}pass-", f"{ZOOM}stopped"
MOST_RUNS = 3
"""Limit of the runs until two evaluations differ; each run holds several."""

RegionCall = Mapping[str, str | int]
"""Which call: `lineage`, `ordinal`, `name`, and `count`, how many of that name came before."""


class EvaluatedOperation(NamedTuple):
    """One operation of an evaluation."""

    name: str
    source: SourceLine
    meta: str
    digest: int
    inputs: tuple[int, ...]
    at: int = 0
    """Index of its record in the run that evaluated it; the same in each such run."""


@dataclass(frozen=True)
class RegionEvaluation:
    """The outcome of evaluating a region operation by operation."""

    step: EvaluatedOperation | None
    """The first operation with equal inputs and different outputs; None if all evaluations agree, or there are none."""
    text: str
    """The outcome in words."""


def evaluate(run: Callable[[RegionCall, str], Run], base: Run, origin: Origin) -> RegionEvaluation | None:
    """Evaluate the region in which a difference began; None if the origin is no region, or its inputs differ."""
    call = call_of(base, origin)
    if call is None:
        return None
    passes: list[list[EvaluatedOperation]] = []
    for number in range(MOST_RUNS):
        made = run(call, f"with {origin.name} evaluated operation by operation, {number + 1} of at most {MOST_RUNS}")
        passes += _passes(made, origin)
        if not passes:
            break
        found = _first_differing(passes)
        if found:
            return RegionEvaluation(found, f"inside {origin.name}, evaluated operation by operation on the same inputs")
    if not passes:
        return RegionEvaluation(None, f"{origin.name} could not be evaluated operation by operation")
    agreement = f"{len(passes)} evaluations of {origin.name} operation by operation on its inputs agree"
    return RegionEvaluation(None, f"{agreement}: the compiled code itself differs")


def call_of(base: Run, origin: Origin) -> RegionCall | None:
    """The call of the region, counted by its name in its task; None if the origin is no region."""
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


def with_evaluation(divergence: Divergence, evaluated: RegionEvaluation | None) -> Divergence:
    """A divergence with what the evaluation of its region showed."""
    if evaluated is None:
        return divergence
    step = evaluated.step
    if step is None:
        return divergence.model_copy(update={"zoom": evaluated.text})
    found: dict[str, object] = {"zoom": evaluated.text, "op": step.name, "meta": step.meta}
    found["outputs"] = [part for part in step.meta.split(";") if part]
    if line := Line.of(step.source):
        found["source"] = line
    return divergence.model_copy(update=found)


# ------------------------------------------------------------------------------------------------------- evaluations


def _passes(run: Run, origin: Origin) -> list[list[EvaluatedOperation]]:
    """The evaluations that one run holds."""
    found: list[list[EvaluatedOperation]] = []
    with open_trace(run.folder) as trace:
        stream = trace.streams.get(origin.key)
        for step in _steps(stream) if stream else ():
            if step.name.startswith(PASS):
                found.append([])
            elif found:
                found[-1].append(step)
    return found


def _steps(stream: Stream) -> Iterator[EvaluatedOperation]:
    """Every record of an evaluation, with its inputs' contents."""
    head: TraceRecord | None = None
    inputs: list[int] = []
    for record in stream.records():
        if record.kind == IN:
            inputs.append(record.digest)
            continue
        if head is not None:
            yield _step(stream, head, inputs)
        evaluated = record.kind == OP and stream.name_of(record).startswith(ZOOM)
        head, inputs = (record if evaluated else None), []
    if head is not None:
        yield _step(stream, head, inputs)


def _step(stream: Stream, head: TraceRecord, inputs: list[int]) -> EvaluatedOperation:
    name = stream.name_of(head)
    name = name if name.startswith((PASS, STOPPED)) else name.removeprefix(ZOOM)
    return EvaluatedOperation(name, stream.source(head), stream.meta_of(head), head.digest, tuple(inputs), head.at)


def _first_differing(passes: list[list[EvaluatedOperation]]) -> EvaluatedOperation | None:
    """The earliest operation whose outputs differ for equal inputs in any two evaluations."""
    found: list[tuple[int, EvaluatedOperation]] = []
    for one, other in combinations(passes, 2):
        for place, (left, right) in enumerate(zip(one, other, strict=False)):
            if left._replace(at=0) == right._replace(at=0):
                continue
            if left.name == right.name and left.inputs == right.inputs:
                found.append((place, left))
            break  # from here on inputs differ too
    return min(found, key=lambda each: each[0])[1] if found else None
