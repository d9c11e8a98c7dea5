"""
How often do the audit's rules blame an innocent factor, believe in a cure without effect, and find a real dependence?

Simulated audits with the product's own code: the first arms (`plan.first_arms`), the rules (`rules.judge`), the coin
and the number of confirmation processes (`suspects`). A world says what a call returns; its truth is known. Two runs
print the same table, since every draw comes from a named seed.

    python benchmarks/judging.py [AUDITS]
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor import rules
from auditor.audit import plan
from auditor.audit.run import ROUNDS
from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Reading
from auditor.rules import suspects

AUDITS = 400
FALSE_LIMIT = 0.01
"""Largest share of audits with a false statement, for every world below."""

Settings = Mapping[str, str]
World = Callable[[random.Random, Settings, int], Iterator[str]]
"""(generator, settings, number of the process) to the result of each call of one value in that process."""


@dataclass(frozen=True)
class Told:
    """What one simulated audit said."""

    verdict: rules.Verdict
    processes: int

    @property
    def blamed(self) -> bool:
        """Whether a factor on which no result may depend was named."""
        return bool(self.verdict.evidence.get("factors"))

    @property
    def believed(self) -> bool:
        """Whether the cure counts as working."""
        under = self.verdict.evidence.get("under")
        return isinstance(under, dict) and "identical" in under.values()


def declared(**changed: object) -> CheckInfo:
    """A check like those of operators: repeats, processes and memory fills."""
    told = {"rule": "identical", "across": ("repeat", "process", "memory-fill", "hash-seed"), "severity": "critical"}
    told |= {"id": "torch-simulated", "framework": "torch", "title": "T.", "why": "W", "remedy": "R", "tier": "full"}
    return CheckInfo.model_validate({**told, "repeats": 2, **changed})


def audit(check: CheckInfo, world: World, values: int, seed: str) -> Told:
    """One audit of a check with so many values, each a world of its own."""
    rng = random.Random(seed)
    readings: list[Reading] = []
    asked: list[Settings] = []
    count = 0

    def measure(arms: tuple[rules.Arm, ...]) -> None:
        nonlocal count
        for arm in arms:
            asked.append(arm.settings)
            for _ in range(arm.processes):
                count += 1
                names = arm.names or [f"v{number}" for number in range(values)]
                calls = {name: world(rng, arm.settings, count) for name in names}
                readings.extend(
                    Reading.model_construct(
                        check=check.id,
                        process=f"torch-{count}",
                        repeat=repeat,
                        settings=dict(arm.settings),
                        values={
                            **{name: next(told) for name, told in calls.items()},
                            "conditions": canary(arm.settings),
                        },
                    )
                    for repeat in range(plan.repeats(check, settings=arm.settings))
                )

    measure(plan.first_arms(check))
    for _ in range(ROUNDS + 2):
        answer = rules.judge(check, readings, asked)
        if isinstance(answer, rules.Verdict):
            return Told(answer, count)
        if answer.suspects:
            number = suspects.processes_needed(suspects.suspected_names(answer.suspects))
            for arms in suspects.drawn(answer.suspects, number, rng):
                measure(tuple(arms))
        else:
            measure(answer.arms)
    raise AssertionError("a rule asked for ever")


def canary(settings: Settings) -> dict[str, dict[str, str]]:
    """The conditions of a reading: a canary shows each fill, as in a process that the fill reaches."""
    fill = settings.get("memory-fill")
    return {"canary": {"small": f"{255 - int(fill):02x}"}} if fill else {}


# ------------------------------------------------------------------------------------------------------------- worlds


def struck_calls(rate: float, *, own: bool) -> World:
    """An event strikes calls with this rate, whatever is set; its result is a new one each time, or always the same."""

    def world(rng: random.Random, _: Settings, __: int) -> Iterator[str]:
        while True:
            struck = rng.random() < rate
            yield (f"odd {rng.random()}" if own else "odd") if struck else "usual"

    return world


def struck_processes(rate: float, *, own: bool) -> World:
    """The same for whole processes."""

    def world(rng: random.Random, settings: Settings, number: int) -> Iterator[str]:
        result = next(struck_calls(rate, own=own)(rng, settings, number))
        while True:
            yield result

    return world


def one_of(results: int) -> World:
    """Each process gives one of so many results."""

    def world(rng: random.Random, _: Settings, __: int) -> Iterator[str]:
        result = str(rng.randrange(results))
        while True:
            yield result

    return world


def follows(factor: str, share: float = 1.0) -> World:
    """The result depends on a factor, in this share of calls."""

    def world(rng: random.Random, settings: Settings, _: int) -> Iterator[str]:
        while True:
            yield f"{settings.get(factor, 'plain')}" if rng.random() < share else "usual"

    return world


def main(arguments: list[str]) -> int:
    """Print the tables; exit with 1 if a false statement is too frequent."""
    audits = int(arguments[0]) if arguments else AUDITS
    worst = 0.0
    print(f"Innocent factors named, share of {audits} audits (at most {FALSE_LIMIT:.0%}); processes in the mean")
    worlds = {
        f"event in {rate:.0%} of {unit}, {'own' if own else 'one'} result": make(rate, own=own)
        for rate in (0.01, 0.05, 0.1, 0.3)
        for unit, make in (("calls", struck_calls), ("processes", struck_processes))
        for own in (True, False)
    }
    worlds |= {f"each process one of {number}": one_of(number) for number in (2, 4, 8)}
    for title, world in worlds.items():
        cells = []
        for values in (1, 30):
            told = [audit(declared(), world, values, f"{title}/{values}/{n}") for n in range(audits)]
            share = sum(one.blamed for one in told) / audits
            worst = max(worst, share)
            cells.append(f"{values:3d} values {share:6.2%} ({sum(one.processes for one in told) / audits:.1f})")
        print(f"{title:45s} " + "   ".join(cells), flush=True)
    print("\nA cure without effect believed, share of audits")
    for title, world in worlds.items():
        cells = []
        for repeats in (2, 20):
            check = declared(across=("repeat", "process"), cure="framework-switch", repeats=repeats)
            told = [audit(check, world, 1, f"{title}/{repeats}/{n}") for n in range(audits * 5)]
            share = sum(one.believed for one in told) / (audits * 5)
            worst = max(worst, share)
            cells.append(f"{repeats:3d} calls {share:6.2%}")
        print(f"{title:45s} " + "   ".join(cells), flush=True)
    print("\nA real dependence: named, and at least failed; share of audits")
    for factor in ("memory-fill", "hash-seed"):
        for share in (1.0, 0.9, 0.5):
            told = [audit(declared(), follows(factor, share), 1, f"{factor}/{share}/{n}") for n in range(audits)]
            failed = sum(one.verdict.outcome == "fail" for one in told) / audits
            named = sum(one.blamed for one in told) / audits
            print(f"{factor:12s} in {share:4.0%} of calls  named {named:6.1%}  failed {failed:6.1%}")
    print(f"\nworst false share: {worst:.2%}")
    return 0 if worst <= FALSE_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
