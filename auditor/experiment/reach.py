"""
Whether the program reaches the defects of releases that the audit found.

Which operator of a check's case is at fault was measured (`checks/reach.json`, by `tools/measure_reach.py`). Whether
the program's own calls meet the condition is measured too: its signatures of that operator were called again, at their
own shapes and arguments. What was not seen is unknown, never not reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ..audit.plan import process_of
from ..catalogue.catalogue import CheckInfo
from ..manifest.models import Finding, Reach
from ..manifest.program import framework_of
from ..manifest.queries import deviating
from ..shipped import folder
from .outcome import Measured, Measurement
from .tables import Signature

MOST_NAMED = 3
WHOLE_PROGRAM = ("jax",)
"""Frameworks in which every operation is compiled: whether a compiled part ran says nothing there."""


class Guilty(BaseModel):
    """The operator at which runs of a case first differed, with equal inputs."""

    model_config = ConfigDict(frozen=True)

    operator: str
    dtype: str
    elements: Annotated[int, Field(ge=0)]
    """Elements of the largest tensor that it was given in that case."""
    backward: bool


class Case(BaseModel):
    """What was measured of one case of a check."""

    model_config = ConfigDict(frozen=True)

    operators: list[str]
    """`OPERATOR DTYPE` of each operator that it calls."""
    guilty: Guilty | None = None


Data = Mapping[str, Mapping[str, Case]]
"""Check to case to what was measured."""


def shipped_data() -> Data:
    """The data that is kept with the payload."""
    text = (folder("checks") / "reach.json").read_bytes()
    return TypeAdapter(dict[str, dict[str, Case]]).validate_json(text)


@dataclass(frozen=True)
class Program:
    """What the rule needs of a program."""

    signatures: Sequence[Signature]
    frameworks: frozenset[str]
    """The frameworks of which it runs operations: others may be imported by a library, and compute nothing."""
    unseen: Sequence[str] = ()
    """What could not be seen of it."""
    beyond: Mapping[str, int] = field(default_factory=dict)
    """Operators of which some signatures were not kept, to their calls."""

    def calls_of(self, operators: frozenset[str]) -> list[Signature]:
        """The signatures of these operators."""
        return [one for one in self.signatures if one.operator in operators]


def settle(
    findings: Sequence[Finding],
    checks: Mapping[str, CheckInfo],
    program: Program,
    measurement: Measurement,
    data: Data,
) -> list[Finding]:
    """The findings; failed ones of releases say whether the program reaches them."""
    return [
        one.model_copy(update={"reach": of(one, checks[one.check], program, measurement, data)})
        if one.outcome == "fail" and one.kind == "release" and one.check in checks
        else one
        for one in findings
    ]


def of(finding: Finding, check: CheckInfo, program: Program, measurement: Measurement, data: Data) -> Reach:
    """Whether the program reaches one finding, and why not or why that is unknown."""
    framework = process_of(check)
    if framework and framework not in program.frameworks:
        return _absent(program, f"the program runs no operation of {framework}")
    if check.compiles and framework not in WHOLE_PROGRAM:
        return _of_compiler(framework, program)
    known = data.get(check.id, {})
    cases = [known.get(name) for name in deviating(finding.evidence)]
    rows = [one for one in cases if one is not None]
    if not rows or len(rows) < len(cases):
        return Reach(state="unknown", reason="which operators this finding needs was not measured")
    blamed = [one.guilty for one in rows if one.guilty is not None]
    if len(blamed) < len(rows):
        return _without_culprit(rows, program)
    return _with_culprits(blamed, program, measurement)


def _absent(program: Program, reason: str) -> Reach:
    """Not reached, if the program was seen whole."""
    if program.unseen:
        return Reach(state="unknown", reason=f"{reason}, as far as it was seen: {program.unseen[0]}")
    return Reach(state="not-reached", reason=reason)


def _of_compiler(framework: str, program: Program) -> Reach:
    """A defect of a compiler: no compiled part ran, or that is all that is known."""
    if not any(_is_compiled(one) and one.framework == framework for one in program.signatures):
        return _absent(program, f"the program runs nothing that {framework} compiled")
    return Reach(state="unknown", reason="the program runs compiled parts; whether they differ was not measured")


def _is_compiled(one: Signature) -> bool:
    """Whether it stands in a compiled region, or in the graph of a `tf.function`."""
    return one.interior or one.settings.get("mode") == "graph"


def frameworks_of(operators: Iterable[str]) -> frozenset[str]:
    """The frameworks of operators."""
    return frozenset(map(framework_of, operators))


def _without_culprit(rows: Sequence[Case], program: Program) -> Reach:
    operators = frozenset(one.partition(" ")[0] for row in rows for one in row.operators)
    if not program.calls_of(operators) and not operators & {*program.beyond}:
        return _absent(program, f"the program calls none of {_named(operators)}")
    return Reach(
        state="unknown", reason="the program calls operators of its cases; which of them is at fault was not measured"
    )


def _with_culprits(blamed: Sequence[Guilty], program: Program, measurement: Measurement) -> Reach:
    operators = frozenset(one.operator for one in blamed)
    called = program.calls_of(operators)
    if not called:
        if operators & {*program.beyond}:
            return Reach(state="unknown", reason=f"signatures of {_named(operators)} were too many to keep")
        return _absent(program, f"the program does not call {_named(operators)}")
    results = {one.signature.id: one for one in measurement.measured}
    bad = [one for one in called if one.id in results and results[one.id].bad]
    if bad:
        return _reached(bad)
    return _outside(called, results, program)


def _outside(called: Sequence[Signature], results: Mapping[str, Measured], program: Program) -> Reach:
    """The program calls the operator; each of its signatures repeated, or that was not measured."""
    missing = [one for one in called if one.id not in results]
    count = sum(one.calls for one in called)
    if missing:
        reason = f"called {count} times, and not measured at the program's own shapes and arguments"
        return _at(called, Reach(state="unknown", reason=reason))
    least = min(results[one.id].calls for one in called)
    reason = (
        f"called {count} times, outside the condition: each of its {len(called)} signatures repeated when it was called"
        f" again at its own shapes and arguments ({least} times or more)"
    )
    if program.unseen:
        return _at(called, Reach(state="unknown", reason=f"{reason}; not seen whole: {program.unseen[0]}"))
    return _at(called, Reach(state="not-reached", reason=reason))


def _reached(called: Sequence[Signature]) -> Reach:
    return _at(called, Reach(state="reached"))


def _at(called: Sequence[Signature], reach: Reach) -> Reach:
    """The reach with operator, line and count of the most frequent signature."""
    most = max(called, key=lambda one: one.calls)
    tensors = most.tensors()
    place = most.first
    return reach.model_copy(
        update={
            "operator": most.operator,
            "dtype": str(tensors[0].get("tensor", "")) if tensors else "",
            "device": str(tensors[0].get("device", "")) if tensors else "",
            "file": place.file,
            "line": place.line,
            "module": place.module,
            "backward": place.backward,
            "count": sum(one.calls for one in called),
        }
    )


def _named(operators: frozenset[str]) -> str:
    names = sorted(one.partition("::")[2] or one for one in operators)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
