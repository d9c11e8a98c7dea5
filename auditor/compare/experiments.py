"""The operators of a program on two machines: which of them give other bits, on equal inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from ..manifest.models import Experiment, Frozen
from .candidates import candidates
from .facts import FactDifference

STEADY = ("repeats", "moves-with-threads")
"""Outcomes of signatures that repeat on their own machine."""


class SignatureDifference(Frozen):
    """One signature that gives other bits on the other side."""

    id: str
    operator: str
    where: str
    """File and line of the program; empty if unknown."""
    equal_with_one_thread: bool
    """Whether both sides agree when each uses one thread."""


class ExperimentComparison(Frozen):
    """The comparison of what both sides measured of a program's operators."""

    compared: int
    """Signatures that repeat on each side, and were given equal inputs."""
    differing: list[SignatureDifference]
    other_inputs: list[str]
    """Ids of signatures whose inputs differ, so that their outputs cannot be compared."""
    unstable: list[str]
    """Ids of signatures that do not repeat on one of the sides."""
    only_a: int
    only_b: int
    candidates: list[str] = []
    """Names of differing facts that change numbers, most plausible first; they are no proof."""


def compared(
    a: Experiment | None, b: Experiment | None, differing: Sequence[FactDifference]
) -> ExperimentComparison | None:
    """The comparison; None unless both sides measured a program's operators."""
    if a is None or b is None or not (a.measured and b.measured):
        return None
    shared = sorted({*a.measured} & {*b.measured})
    pairs = {one: (a.measured[one], b.measured[one]) for one in shared}
    other_inputs = [one for one, pair in pairs.items() if pair[0].get("inputs") != pair[1].get("inputs")]
    unstable = [one for one, pair in pairs.items() if not all(side.get("outcome") in STEADY for side in pair)]
    left = {one: pair for one, pair in pairs.items() if one not in {*other_inputs, *unstable}}
    moved = [_difference(one, *pair) for one, pair in left.items() if pair[0].get("outputs") != pair[1].get("outputs")]
    return ExperimentComparison(
        compared=len(left),
        differing=moved,
        other_inputs=other_inputs,
        unstable=unstable,
        only_a=len({*a.measured} - {*shared}),
        only_b=len({*b.measured} - {*shared}),
        candidates=candidates("torch", differing) if moved else [],
    )


def _difference(name: str, a: Mapping[str, JsonValue], b: Mapping[str, JsonValue]) -> SignatureDifference:
    one = a.get("oneThread")
    return SignatureDifference(
        id=name,
        operator=str(a.get("operator", "")),
        where=str(a.get("where") or b.get("where") or ""),
        equal_with_one_thread=bool(one) and one == b.get("oneThread"),
    )
