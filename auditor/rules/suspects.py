"""
Suspects: innocent factors under which results differ, and the coin that confirms or clears each.

A difference between two arms does not show that the factor is its cause: a fault that strikes some calls or processes,
whatever is set, also differs between arms. A suspect is therefore measured again in fresh processes. Before each, a
coin draws one of the factor's two arms. The factor is confirmed for a name only if every call of every such process
gives what that arm gave in the first round.

If the results have nothing to do with the factor, they cannot follow the coin: all of n processes match with a
probability of at most 2^-n, whatever else is at work. With n = log2(suspects / level), the probability that an audit
confirms any innocent factor is at most the level.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from ..catalogue.catalogue import CheckInfo
from ..factors.factors import CONFIRM, FACTORS, IN_PROCESS, RATE, arms_across, pooled
from ..manifest.models import Reading
from .readings import compared, group
from .verdict import Arm, Suspect

LEVEL = 0.01
"""Probability at most that an audit confirms any factor that has no effect."""
PERTURBED = "perturbed"
"""All pooled factors together."""
MISSING = frozenset({repr(None)})
"""The results of a name that no reading of an arm has."""
OTHER_VALUES = {"hash-seed": "2", "memory-fill": "255"}
"""A second value of pooled factors, so that two values of the factor itself are compared where it has two."""

Settings = Mapping[str, str]


class Coin(Protocol):
    """Draws the arm of each confirmation process: `secrets.SystemRandom` in audits, a seeded one in simulations."""

    def getrandbits(self, bits: int, /) -> int:
        """An integer with this number of random bits."""


@dataclass(frozen=True)
class Confirmation:
    """What the confirmation processes of a suspect showed."""

    suspect: Suspect
    processes: int
    """Number of processes that were to be measured."""
    followed: Mapping[str, int]
    """Name to the number of processes that gave what their arm gave before."""

    @property
    def confirmed(self) -> list[str]:
        """The names that followed the coin in every process."""
        return [name for name in self.suspect.names if self.processes and self.followed[name] == self.processes]


def across(check: CheckInfo, readings: Sequence[Reading]) -> list[Suspect]:
    """The suspects among the innocent factors that the check varies one at a time."""
    found = []
    for factor in check.across:
        if factor in FACTORS and FACTORS[factor].innocent:
            found += between(factor, _arms(factor, arms_across(factor, check.fixed)), readings)
    return found


def alone(check: CheckInfo) -> dict[str, list[Settings]]:
    """Each pooled factor to the arms that change it alone."""
    found: dict[str, list[Settings]] = {}
    for factor, value in pooled(check.fixed).items():
        values = (value, OTHER_VALUES[factor]) if factor in OTHER_VALUES else (value,)
        found[factor] = [{factor: each} for each in values]
    return found


def among_pooled(check: CheckInfo, readings: Sequence[Reading], names: Iterable[str]) -> list[Suspect]:
    """
    The suspects among the pooled factors, of names that differ in the perturbed process.

    A name that no factor changes alone has all of them together as its suspect.
    """
    wanted = set(names)
    found = []
    for factor, arms in alone(check).items():
        found += between(factor, [{}, *arms], readings, wanted)
    explained = {name for suspect in found for name in suspect.names}
    return found + between(PERTURBED, [{}, pooled(check.fixed)], readings, wanted - explained)


def _arms(factor: str, arms: Sequence[Settings]) -> list[Settings]:
    """The arms to compare: the factor's own values first, then the unchanged process where only the factor differs."""
    return [*arms] if factor in IN_PROCESS else [*arms, {}]


def between(
    factor: str, arms: Sequence[Settings], readings: Sequence[Reading], wanted: set[str] | None = None
) -> list[Suspect]:
    """For each name the first two arms that differ, each constant; names with the same two arms make one suspect."""
    measured = [(arm, _results(group(readings, arm))) for arm in arms]
    pairs: dict[int, tuple[tuple[Settings, Settings], list[str]]] = {}
    left = sorted({name for _, results in measured for name in results})
    for number, ((first, ones), (second, others)) in enumerate(combinations(measured, 2)):
        for name in [*left]:
            if (wanted is None or name in wanted) and _differ(name, ones, others):
                pairs.setdefault(number, ((first, second), []))[1].append(name)
                left.remove(name)
    return [Suspect(factor, pair, tuple(names)) for pair, names in pairs.values()]


def _results(readings: Sequence[Reading]) -> dict[str, set[str]]:
    """Name to its results in these readings; a reading without the name counts as one."""
    told = [compared(one) for one in readings]
    return {name: {repr(values.get(name)) for values in told} for name in {name for values in told for name in values}}


def _differ(name: str, ones: Mapping[str, set[str]], others: Mapping[str, set[str]]) -> bool:
    """Whether both arms answered, each with one result throughout, and the two differ."""
    if not ones or not others:
        return False
    first, second = ones.get(name, MISSING), others.get(name, MISSING)
    return len(first) == len(second) == 1 and first != second


def _values(name: str, readings: Sequence[Reading]) -> set[str]:
    return {repr(compared(reading).get(name)) for reading in readings}


def processes_needed(suspects: int, level: float = LEVEL) -> int:
    """How many confirmation processes keep the level for this number of suspected names of one audit."""
    return max(1, math.ceil(math.log2(max(suspects, 1) / level)))


def suspected_names(suspects: Iterable[Suspect]) -> int:
    """The number of suspects in the sense of the level: each name under each factor is one."""
    return sum(len(suspect.names) for suspect in suspects)


def drawn(suspects: Sequence[Suspect], number: int, coin: Coin) -> list[list[Arm]]:
    """
    The arms of each of these suspects in `number` confirmation processes; the suspects of a factor share its coin.

    Then equal arms of several suspects are measured by one process. The level holds for all suspects together whether
    their coins are independent or not.

    Every arm stands for one fresh process and carries its position in `CONFIRM`.
    """
    found: list[list[Arm]] = [[] for _ in suspects]
    for place in range(number):
        coins: dict[str, int] = {}
        for arms, suspect in zip(found, suspects, strict=True):
            side = coins.setdefault(suspect.factor, coin.getrandbits(1))
            settings = {**suspect.arms[side], CONFIRM: f"{place + 1}/{number}"}
            arms.append(Arm(settings, names=suspect.names))
    return found


def was_asked(asked: Iterable[Settings]) -> bool:
    """Whether confirmation processes were requested before."""
    return any(settings.get(CONFIRM, RATE) != RATE for settings in asked)


def without_confirmations(readings: Sequence[Reading]) -> list[Reading]:
    """The readings of the first rounds."""
    return [reading for reading in readings if CONFIRM not in reading.settings]


def confirmation(suspect: Suspect, readings: Sequence[Reading]) -> Confirmation:
    """What the confirmation processes among these readings say about a suspect."""
    mine: dict[str, list[tuple[Settings, Reading]]] = {}
    for reading in readings:
        place = reading.settings.get(CONFIRM)
        arm = {name: value for name, value in reading.settings.items() if name != CONFIRM}
        if place not in (None, RATE) and arm in [dict(one) for one in suspect.arms]:
            mine.setdefault(place, []).append((arm, reading))
    first, second = ({name: _values(name, group(readings, arm)) for name in suspect.names} for arm in suspect.arms)
    followed = {
        name: sum(_follows(name, told, dict(suspect.arms[0]), (first[name], second[name])) for told in mine.values())
        for name in suspect.names
    }
    asked = max((int(place.rpartition("/")[2]) for place in mine), default=0)
    return Confirmation(suspect, asked, followed)


def _follows(
    name: str,
    told: Sequence[tuple[Settings, Reading]],
    first: Settings,
    expected: tuple[set[str], set[str]],
) -> bool:
    """Whether one process gave, in every call, what its arm gave before; a reading of other names says nothing."""
    seen = [(expected[0 if arm == first else 1], one) for arm, one in told]
    measured = [(values, one) for values, one in seen if name in compared(one) or values == {repr(None)}]
    return bool(measured) and all(_values(name, [one]) == values for values, one in measured)
