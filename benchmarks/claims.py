"""
How often does `auditor claim` refuse a true number, how often does it see a false one, and when does it say neither?

Simulated papers and runs with the product's own decision code (`auditor/claim/rule.py`). A paper runs N times, rounds
its mean and spread and reports them; we run n times, and print six digits. All draws come from a named seed, so two
runs print the same table.

A true claim: both sample one normal distribution. A false one: the mean of ours is shifted by one reported standard
deviation. The bars: at most 5 % of true claims are not confirmed; of the false ones that are not called too few, at
least 80 % are not confirmed. Each rate is printed with the bound (95 %, Clopper-Pearson) that holds against its bar.

    python benchmarks/claims.py [CLAIMS]
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.claim import spread
from auditor.claim.reported import Kind, Stated, stated
from auditor.claim.rule import LEAST_POWER, other_seeds
from auditor.confidence import DOUBT, rate_lower_95

CLAIMS = 2000
MEAN = 0.9


@dataclass(frozen=True)
class World:
    """A paper and a repetition."""

    reported: int
    """Runs of the paper."""
    runs: int
    """Runs of ours."""
    kind: Kind
    deviation: float
    """Of one run."""
    digits: int
    """Decimals of both reported figures."""

    @property
    def name(self) -> str:
        """For the table, and the seed of its draws."""
        return f"{self.reported:4d} {self.runs:4d}  {self.kind:5s} {self.deviation:7g} {self.digits:3d}"

    def claim(self, draw: random.Random) -> Stated:
        """What a paper reports."""
        values = [draw.gauss(MEAN, self.deviation) for _ in range(self.reported)]
        apart = spread.of_values(values, self.kind)
        return stated(
            f"{sum(values) / len(values):.{self.digits}f} ± {apart:.{self.digits}f}", self.kind, self.reported
        )

    def verdicts(self, claims: int, shift: float) -> Counter[str]:
        """Verdicts on so many claims; `shift` is that of our mean, in reported standard deviations."""
        draw = random.Random(f"{self.name} {shift}")
        found: Counter[str] = Counter()
        for _ in range(claims):
            claim = self.claim(draw)
            by = spread.reported(claim)
            if by is None or (shift and not by.value):
                continue  # the spread was rounded to zero: a claim that is shifted by it is true
            moved = MEAN + shift * by.value
            ours = [round(draw.gauss(moved, self.deviation), 6) for _ in range(self.runs)]
            found[other_seeds(claim, ours).verdict] += 1
        return found


WORLDS = (
    World(2, 2, "sd", 0.01, 4),
    World(3, 3, "sd", 0.01, 4),
    World(3, 3, "sd", 0.01, 2),  # the spread has one digit, or none
    World(3, 10, "sem", 0.01, 4),
    World(5, 5, "sd", 0.004, 3),
    World(5, 5, "range", 0.01, 4),
    World(5, 1, "sd", 0.01, 4),
    World(10, 3, "sd", 0.1, 4),
    World(10, 40, "range", 0.01, 4),
    World(17, 17, "sd", 0.01, 4),
    World(20, 20, "sd", 0.01, 4),
    World(25, 25, "sd", 0.01, 2),
    World(30, 20, "sem", 0.01, 4),
    World(30, 30, "range", 0.01, 3),
    World(100, 12, "sd", 0.01, 3),
)


def refused(world: World, claims: int) -> tuple[float, float]:
    """The rate of true claims that are not confirmed, and its lower bound."""
    found = world.verdicts(claims, 0.0)["not-confirmed"]
    return found / claims, rate_lower_95(found, claims)


def seen(world: World, claims: int) -> tuple[float, float, int]:
    """The rate of false claims that are not confirmed among those that are told, its upper bound, and their number."""
    found = world.verdicts(claims, 1.0)
    told = found["confirmed"] + found["not-confirmed"]
    if not told:
        return 1.0, 1.0, 0
    return found["not-confirmed"] / told, 1 - rate_lower_95(found["confirmed"], told), told


def rows(claims: int) -> Iterator[tuple[str, bool]]:
    """A line for each world, and whether both bars hold."""
    for world in WORLDS:
        wrong, least = refused(world, claims)
        right, most, told = seen(world, claims)
        confirmed = world.verdicts(claims, 0.0)["confirmed"] / claims
        holds = least <= DOUBT and most >= LEAST_POWER
        yield (
            f"{world.name}   {wrong:6.1%} (at least {least:5.1%})  {confirmed:7.1%}   "
            f"{right:6.1%} (at most {most:6.1%}) of {told:5d}  {'' if holds else 'FAILS'}".rstrip(),
            holds,
        )


def main(claims: int) -> int:
    """Print the table; 1 if a bar does not hold."""
    print(f"{claims} true and {claims} false claims for each row")
    print("   N    n  kind  std.dev dig   true: refused             confirmed   false: refused, where told")
    held = True
    for line, holds in rows(claims):
        print(line, flush=True)
        held = held and holds
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS))
