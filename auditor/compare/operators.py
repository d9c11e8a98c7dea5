"""
Tables of operators: the operators whose results differ between two sides, and those that cannot be compared.

A reading's value `operators` maps "operator dtype" to the digests of its samples, joined by "."; a sample that raised
is "!" and the exception's class. Each entry is compared as a separate value. `inputs` maps the same names to a digest
of the inputs: an output that differs together with its inputs is not a deviation of the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from pydantic import JsonValue

from ..manifest import operator_tables
from ..manifest.models import Frozen, Reading

PREFIX = f"{operator_tables.TABLE}/"
"""Prefix of the names of table entries among a reading's values."""
RAISED = "!"

OperatorKind = Literal["bits", "raises", "samples"]


class OperatorDifference(Frozen):
    """One operator with one dtype whose results differ."""

    name: str
    """The operator and the dtype."""
    kind: OperatorKind
    """`bits`: digests differ; `raises`: errors differ; `samples`: the numbers of samples differ."""
    samples: int
    """Number of samples that both sides have."""
    differing: int
    """Number of them that differ."""
    a: JsonValue
    b: JsonValue


class OperatorTable(Frozen):
    """The comparison of two tables of operators of one check under one setting."""

    check: str
    framework: str
    settings: dict[str, str]
    compared: int
    """Number of entries that are stable on both sides and have equal inputs."""
    differing: list[OperatorDifference]
    other_inputs: list[str]
    """Entries with different inputs, whose outputs cannot be compared."""
    unstable: list[str]
    """Entries that differ within one side."""
    only_a: list[str]
    only_b: list[str]
    candidates: list[str] = []
    """Names of differing facts that change numbers, most plausible first; they are no proof."""


def flattened(reading: Reading) -> Reading:
    """The reading with each table entry as a separate value, named with `PREFIX`."""
    return operator_tables.flattened(reading, PREFIX)


def with_other_inputs(readings: Iterable[Reading]) -> set[str]:
    """Names (with `PREFIX`) of the entries whose inputs differ between readings."""
    return {PREFIX + name for name in operator_tables.with_other_inputs(readings)}


def apart(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The sorted names of ordinary values, and those of table entries without `PREFIX`."""
    told = sorted(names)
    entries = [name.removeprefix(PREFIX) for name in told if name.startswith(PREFIX)]
    return [name for name in told if not name.startswith(PREFIX)], entries


def differences(
    names: Collection[str], a: Mapping[str, JsonValue], b: Mapping[str, JsonValue]
) -> list[OperatorDifference]:
    """Each of these entries, with the number of differing samples and the kind of difference."""
    return [_difference(name, a[name], b[name]) for name in names]


def _difference(name: str, a: JsonValue, b: JsonValue) -> OperatorDifference:
    left, right = _samples(a), _samples(b)
    pairs = list(zip(left, right, strict=False))
    unlike = [pair for pair in pairs if pair[0] != pair[1]]
    raises = any(sample.startswith(RAISED) for pair in unlike for sample in pair)
    kind: OperatorKind = "samples" if len(left) != len(right) else "raises" if raises else "bits"
    return OperatorDifference(name=name, kind=kind, samples=len(pairs), differing=len(unlike), a=a, b=b)


def _samples(value: JsonValue) -> list[str]:
    """The samples of an entry; an entry of another shape counts as one sample."""
    return value.split(".") if isinstance(value, str) else [str(value)]
