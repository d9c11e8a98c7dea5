"""The first step at which a resumed run differs from the whole one, and in what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .steps import Step

Aspect = Literal[
    "weights",
    "optimizer",
    "scheduler",
    "scaler",
    "settings",
    "samples",
    "gradient",
    "buffers",
    "update",
    "length",
]
"""What a step starts from, what it is given, what it makes of it: the first that differs explains the rest."""


@dataclass(frozen=True)
class Difference:
    """The first step that differs."""

    at: int
    """Its number in the resumed run, from 0."""
    aspects: tuple[Aspect, ...]
    """All that differs in it, causes before effects."""
    whole: Step | None = None
    resumed: Step | None = None
    """The step of both runs; None where one had ended."""
    generators: tuple[str, ...] = field(default=())
    """Generators whose state differs after it."""

    @property
    def first(self) -> Aspect:
        """The aspect that explains the others."""
        return self.aspects[0]


def first_difference(whole: Sequence[Step], resumed: Sequence[Step]) -> Difference | None:
    """The first of the pairs that differs; None if all agree and there are as many of both."""
    for at, (one, other) in enumerate(zip(whole, resumed, strict=False)):
        if aspects := differing(one, other):
            return Difference(at, aspects, one, other, generators(one, other))
    if len(whole) == len(resumed):
        return None
    at = min(len(whole), len(resumed))
    return Difference(at, ("length",), next(iter(whole[at:]), None), next(iter(resumed[at:]), None))


def differing(one: Step, other: Step) -> tuple[Aspect, ...]:
    """What differs between the same step of two runs, causes before effects."""
    pairs: tuple[tuple[Aspect, bool], ...] = (
        ("weights", one.weights != other.weights),
        ("optimizer", one.slots != other.slots or one.kind != other.kind),
        ("scheduler", one.schedulers != other.schedulers),
        ("scaler", one.scalers != other.scalers),
        ("settings", one.groups != other.groups),
        ("samples", one.rows != other.rows),
        ("gradient", one.gradient != other.gradient or one.losses != other.losses),
        ("buffers", one.buffers != other.buffers),
        ("update", one.after != other.after),
    )
    return tuple(name for name, differs in pairs if differs)


def generators(one: Step, other: Step) -> tuple[str, ...]:
    """The generators whose states differ after a step; one that only one run has made counts too."""
    names = dict.fromkeys((*one.generators, *other.generators))
    return tuple(name for name in names if one.generators.get(name) != other.generators.get(name))
