"""
Tables of operators: which of them give other bits on the other side, and of which that cannot be said.

A reading's value `operators` maps "operator dtype" to the digests of its samples, joined by "."; a sample that raised
is "!" and the exception's class. Each entry is compared as a value of its own. `inputs` maps the same names to a digest
of what went in: an output that differs after its input is no deviation of the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from pydantic import JsonValue

from ..manifest import operator_tables
from ..manifest.models import Frozen, Reading

PREFIX = f"{operator_tables.TABLE}/"
"""Beginning of the names that entries of a table have among a reading's values."""
RAISED = "!"

OperatorKind = Literal["bits", "raises", "samples"]


class OperatorDifference(Frozen):
    """One operator with one dtype that gives something else on the other side."""

    name: str
    """The operator and the dtype."""
    kind: OperatorKind
    """`bits`: other digests; `raises`: a sample raises on one side, or another error; `samples`: another number."""
    samples: int
    """How many samples both sides have."""
    differing: int
    """How many of them differ."""
    a: JsonValue
    b: JsonValue


class OperatorTable(Frozen):
    """What the tables of operators of one check, under one setting, say about two sides."""

    check: str
    framework: str
    settings: dict[str, str]
    compared: int
    """Entries that both sides reproduce, with equal inputs: only of these anything follows."""
    differing: list[OperatorDifference]
    other_inputs: list[str]
    """Entries whose inputs were not the same: their outputs are not comparable."""
    unstable: list[str]
    """Entries that a side does not reproduce by itself."""
    only_a: list[str]
    only_b: list[str]
    candidates: list[str] = []
    """Names of the changes-numbers facts that differ too, most plausible first; no proof."""


def flattened(reading: Reading) -> Reading:
    """The reading with each entry of its table as a value of its own, marked as one."""
    return operator_tables.flattened(reading, PREFIX)


def with_other_inputs(readings: Iterable[Reading]) -> set[str]:
    """Names of the entries whose inputs were not the same in all readings, marked as entries."""
    return {PREFIX + name for name in operator_tables.with_other_inputs(readings)}


def apart(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of ordinary values, and those of entries without what marks them; each in order."""
    told = sorted(names)
    entries = [name.removeprefix(PREFIX) for name in told if name.startswith(PREFIX)]
    return [name for name in told if not name.startswith(PREFIX)], entries


def differences(
    names: Collection[str], a: Mapping[str, JsonValue], b: Mapping[str, JsonValue]
) -> list[OperatorDifference]:
    """Each of these entries, with how many of its samples differ and how."""
    return [_difference(name, a[name], b[name]) for name in names]


def _difference(name: str, a: JsonValue, b: JsonValue) -> OperatorDifference:
    left, right = _samples(a), _samples(b)
    pairs = list(zip(left, right, strict=False))
    unlike = [pair for pair in pairs if pair[0] != pair[1]]
    raises = any(sample.startswith(RAISED) for pair in unlike for sample in pair)
    kind: OperatorKind = "samples" if len(left) != len(right) else "raises" if raises else "bits"
    return OperatorDifference(name=name, kind=kind, samples=len(pairs), differing=len(unlike), a=a, b=b)


def _samples(value: JsonValue) -> list[str]:
    """A table of another shape is one sample: that it differs is all that can be said."""
    return value.split(".") if isinstance(value, str) else [str(value)]
