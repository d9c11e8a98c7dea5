"""Which processes a check has to be measured in before its rule can judge: the arms of a plan."""

from __future__ import annotations

from .catalogue import CheckInfo
from .factors import FACTORS, pooled
from .rules import Arm


def first_arms(check: CheckInfo, runs: int = 0) -> tuple[Arm, ...]:
    """The arms of the first round: untouched processes, the perturbed one, and one for each value of each factor."""
    untouched = max(runs, 2) if "process" in check.across else 1
    arms = [Arm({}, untouched)]
    for name in check.across:
        if name == "perturbed":
            arms.append(Arm(pooled()))
        elif name in FACTORS:
            arms.extend(Arm({name: value}) for value in FACTORS[name].values)
    return tuple(arms)


def repeats(check: CheckInfo, runs: int = 0) -> int:
    """How often `measure` is called in one process."""
    return max(check.repeats, runs) if "repeat" in check.across else 1
