"""
Results that differ under equal conditions: how often, in which unit, and whether a cure makes them equal.

Trials are counted in the unit where the fault lives. If results differ within a process, each call is a trial; if each
process agrees with itself, each process is one trial, however many calls it made.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from ..confidence import clean_runs_needed, rate_lower_95
from ..manifest.models import Reading
from .readings import NAMES_SHOWN, compared, processes, unstable_names

BELIEVED_BY_LUCK = 0.01
"""Largest probability with which a cure without effect is believed."""


@dataclass(frozen=True)
class Instability:
    """One name whose results differ under equal conditions."""

    rate: float
    """The lower 95 % bound on the rate of trials that do not give the most frequent result."""
    per_process: bool
    """Whether the trials are processes; otherwise they are calls."""
    trials: int
    """Number of trials."""
    results: int
    """Number of distinct results."""
    plain: bool
    """Whether it differs without a factor. If not, processes without a factor cannot show that a cure works."""

    @property
    def unit(self) -> str:
        """What was counted."""
        return "processes" if self.per_process else "calls with equal inputs"

    @property
    def needed(self) -> int:
        """How many trials must agree under a cure: fewer could agree by luck."""
        return clean_runs_needed(self.rate, BELIEVED_BY_LUCK)

    def processes_needed(self, repeats: int) -> int:
        """How many processes of so many calls make these trials."""
        return self.needed if self.per_process else math.ceil(self.needed / repeats)


def of(calls: Sequence[tuple[str, JsonValue]], *, plain: bool) -> Instability:
    """The instability of one name from its calls (the process of each, and its result), all without a factor or not."""
    told = [(process, repr(result)) for process, result in calls]
    by_process = dict(told)
    per_process = all(result == by_process[process] for process, result in told)
    results = list(by_process.values()) if per_process else [result for _, result in told]
    odd = len(results) - Counter(results).most_common(1)[0][1]
    return Instability(rate_lower_95(odd, len(results)), per_process, len(results), len({*results}), plain)


def effect(arms: Sequence[Sequence[Reading]], found: Mapping[str, Instability]) -> str:
    """Effect of a cure from its arms: `identical`, `differs`, `not proven` (too few trials), or `not measured`."""
    if not all(arms):
        return "not measured"
    if any(set(found) & set(unstable_names(members)) for members in arms):
        return "differs"
    complete = all(set(found) <= set(compared(one)) for members in arms for one in members)
    enough = all(
        one.plain and (processes(members) if one.per_process else len(members)) >= one.needed
        for members in arms
        for one in found.values()
    )
    return "identical" if complete and enough else "not proven"


def message(found: Mapping[str, Instability], effects: Mapping[str, str]) -> str:
    """What differs, how often and in what, and what the cures did."""
    parts = [
        f"{name} gave {one.results} different results in {one.trials} {one.unit}"
        for name, one in [*found.items()][:NAMES_SHOWN]
    ]
    if len(found) > NAMES_SHOWN:
        parts.append(f"and {len(found) - NAMES_SHOWN} more")
    told = ", ".join(f"{name}: {effect}" for name, effect in effects.items())
    return "; ".join(parts) + (f". Cures measured: {told}" if told else "")
