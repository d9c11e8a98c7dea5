"""The facts that two traces hold about their environments: which differ, and which of them can concern an operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..compare.candidates import without_twins
from ..compare.facts import FactDifference, differences
from ..manifest.models import Fact
from .trace.archive import Trace
from .trace.frameworks import framework_of

WITHOUT = "{} holds no versions and settings: it was not written by `replay --record`, or by an older auditor"
INVALID = "{} of the facts that {} holds are no facts and were left out"


def differing_facts(traces: Sequence[Trace], names: Sequence[str]) -> tuple[list[FactDifference], list[str]]:
    """The facts that differ, and notes on what could not be compared. Empty if only one trace has facts."""
    sides, notes = [], []
    for trace, name in zip(traces, names, strict=True):
        found, invalid = _facts(trace.description)
        sides.append(found)
        notes += [WITHOUT.format(name)] if not found else []
        notes += [INVALID.format(invalid, name)] if invalid else []
    if not all(sides):
        return [], notes if any(sides) else []
    differing = [one for one in differences(*sides) if one.outcome == "differs"]
    return without_twins(differing), notes


def _facts(description: Mapping[str, Any]) -> tuple[dict[str, Fact], int]:
    """The facts of a description, and the number of invalid ones. A trace is hostile data."""
    told = description.get("facts")
    found, invalid = {}, 0
    for key, value in (told if isinstance(told, dict) else {}).items():
        try:
            found[str(key)] = Fact.model_validate(value)
        except ValidationError:
            invalid += 1
    return found, invalid


def concerning(facts: Sequence[FactDifference], operations: Sequence[str]) -> list[FactDifference]:
    """The facts that can change the numbers of one of these operations' frameworks."""
    frameworks = {framework_of(name) for name in operations}
    return [
        one
        for one in facts
        if one.effect != "cannot" and (not one.frameworks or not frameworks or frameworks & set(one.frameworks))
    ]
