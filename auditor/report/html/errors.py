"""Compiled against eager: each tensor's error and the error that its check allows, for a plot and its table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...manifest.agreement import Errors, agreement_class
from ...manifest.agreement import errors as errors_of
from ...manifest.models import Reading
from . import plots as drawn

MOST_ROWS = 250
MOST_PLOTS = 60
ORDER = ("same", "rounding", "beyond")
WORDS = {"same": "same bits", "rounding": "rounding", "beyond": "beyond rounding"}


@dataclass(frozen=True)
class Tensor:
    """One tensor: the reading in which its compiled error is the largest part of what is allowed."""

    name: str
    kind: str
    """`same`, `rounding` or `beyond`, as the rule judges this value."""
    errors: Errors
    ulp: str
    where: str
    """Process and settings of that reading."""

    @property
    def words(self) -> str:
        """The kind in words."""
        return WORDS[self.kind]

    @property
    def share(self) -> float:
        """Compiled error / allowed error; 0 where both are 0, NaN where one was not measured."""
        if self.errors.compiled == 0:
            return 0.0
        return self.errors.compiled / self.errors.allowed if self.errors.allowed else math.inf


@dataclass(frozen=True)
class OfCheck:
    """The tensors of one check."""

    check: str
    counts: str
    tensors: list[Tensor]
    """The worst first."""
    more: int
    """Tensors that are not in the table."""
    plot: drawn.Scatter | None
    """None where no tensor has an error that a logarithmic scale can show."""


def plots(readings: Sequence[Reading]) -> list[OfCheck]:
    """One for each check whose readings compare a compiled form with the eager one."""
    worst: dict[str, dict[str, Tensor]] = {}
    for reading in readings:
        for tensor in _tensors(reading):
            known = worst.setdefault(reading.check, {}).get(tensor.name)
            if known is None or _rank(tensor) > _rank(known):
                worst[reading.check][tensor.name] = tensor
    return [_of_check(check, [*found.values()]) for check, found in sorted(worst.items())[:MOST_PLOTS]]


def _tensors(reading: Reading) -> Iterator[Tensor]:
    for name, value in reading.values.items():
        if name != "conditions" and isinstance(value, dict) and "bits_equal" in value:
            yield Tensor(
                name=name,
                kind=agreement_class(value),
                errors=errors_of(value),
                ulp=str(value["max_ulp"]) if isinstance(value.get("max_ulp"), int) else "not measured",
                where=_where(reading),
            )


def _where(reading: Reading) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in sorted(reading.settings.items()))
    return f"{reading.process}; {settings}" if settings else reading.process


def _rank(tensor: Tensor) -> tuple[int, float]:
    return ORDER.index(tensor.kind), -1.0 if math.isnan(tensor.share) else tensor.share


def _of_check(check: str, tensors: list[Tensor]) -> OfCheck:
    tensors.sort(key=lambda one: (*(-part for part in _rank(one)), one.name))
    counts = ", ".join(f"{sum(one.kind == kind for one in tensors)} {WORDS[kind]}" for kind in reversed(ORDER))
    points = [
        drawn.Point(one.name, one.errors.allowed, one.errors.compiled, bad=one.kind == "beyond") for one in tensors
    ]
    return OfCheck(check, counts, tensors[:MOST_ROWS], max(0, len(tensors) - MOST_ROWS), drawn.scatter(points))
