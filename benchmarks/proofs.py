"""
How often does a replay prove an innocent factor guilty, how often does it prove the guilty one, and in how many runs?

Simulated replays with the product's own decision code (`auditor/replay/cause/search.py` and `stake.py`). A world says
what a run gives at the origin, and its truth is known. A replay has three base runs, runs that locate the origin, and a
budget. Two runs print the same tables, since every draw comes from a named seed.

    python benchmarks/proofs.py [REPLAYS] [errors | effects | power | beside ...]
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.replay.cause.search import LEVEL, CauseSearch
from auditor.replay.cause.search_model import Factor, Outcome
from auditor.replay.cause.stake import Label

REPLAYS = 2000
BASE, LOCATING, BUDGET = 3, 8, 24
"""Base runs, most runs that locate the origin, and the default budget after the base runs."""
USUAL = 0


# -------------------------------------------------------------------------------------------------- what is outside


class Outside:
    """What happens whatever we set; `result` is USUAL, or another number where it strikes a run."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def result(self, start: float, end: float, number: int) -> int:
        """The result of a run from `start` to `end` seconds, the `number`-th of the replay."""
        del start, end, number
        return USUAL


class Independent(Outside):
    """An event of probability `rate` with one of `results` results; 0: each time its own."""

    def __init__(self, rng: random.Random, rate: float, results: int = 0) -> None:
        super().__init__(rng)
        self.rate, self.results = rate, results

    def result(self, start: float, end: float, number: int) -> int:  # noqa: D102 - as in Outside
        del start, end
        if self.rng.random() >= self.rate:
            return USUAL
        return self.rng.randrange(1, self.results + 1) if self.results else 1000 + number


class Phases(Outside):
    """Busy and calm in turn, of fixed or exponential length; a run is struck if it ends in, or touches, a busy time."""

    def __init__(
        self,
        rng: random.Random,
        busy: float,
        calm: float,
        *,
        drawn: bool = False,
        touch: bool = False,
        one: bool = False,
    ) -> None:
        super().__init__(rng)
        self.lengths, self.drawn, self.touch, self.one = (busy, calm), drawn, touch, one
        self.turns = [-rng.uniform(0, busy + calm)]

    def _busy(self, at: float) -> bool:
        while self.turns[-1] <= at:
            mean = self.lengths[(len(self.turns) - 1) % 2]
            self.turns.append(self.turns[-1] + (self.rng.expovariate(1 / mean) if self.drawn else mean))
        place = len(self.turns) - 1
        while self.turns[place] > at:
            place -= 1
        return place % 2 == 0

    def result(self, start: float, end: float, number: int) -> int:  # noqa: D102 - as in Outside
        steps = 8 if self.touch else 1
        struck = any(self._busy(end - (end - start) * step / steps) for step in range(steps))
        return (1 if self.one else 1000 + number) if struck else USUAL


class Drift(Outside):
    """Events become likelier over so many seconds, or rarer; with `steps` the result changes every so many seconds."""

    def __init__(self, rng: random.Random, over: float, *, falling: bool = False, steps: bool = False) -> None:
        super().__init__(rng)
        self.over, self.falling, self.steps, self.begin = over, falling, steps, rng.uniform(0, over)

    def result(self, start: float, end: float, number: int) -> int:  # noqa: D102 - as in Outside
        del start
        if self.steps:
            return int((end + self.begin) / self.over)
        share = min(1.0, end / self.over)
        return 1000 + number if self.rng.random() < (1 - share if self.falling else share) else USUAL


class FirstRuns(Outside):
    """Only the first runs differ: a cache that was empty."""

    def __init__(self, rng: random.Random, runs: int) -> None:
        super().__init__(rng)
        self.runs = runs

    def result(self, start: float, end: float, number: int) -> int:  # noqa: D102 - as in Outside
        del start, end
        return number if number <= self.runs else USUAL


class EveryOther(Outside):
    """A file that each run toggles."""

    def result(self, start: float, end: float, number: int) -> int:  # noqa: D102 - as in Outside
        del start, end
        return number % 2


# ------------------------------------------------------------------------------------------------------- the program


@dataclass
class Program:
    """A program whose cause is known: `causes` are the factors that must all be on for it to vanish."""

    rng: random.Random
    hypotheses: int
    causes: tuple[int, ...] = ()
    kind: str = "none"
    """
    What the first cause does: `cure`, it vanishes; `own`, it vanishes and each value gives a result of its own; `flip`,
    each value gives the usual or the odd result; `hides`, value 0 of the first factor hides what it does not cause;
    `load`, the first factor makes it rarer because it makes the program slower.
    """
    rate: float = 1.0
    """In which share of the runs it shows without factors."""
    rarer: float = 0.0
    """With kind `load`: in which share under the factor."""
    results: int = 0
    """How many results it has where it shows; 0: each run its own."""
    seconds: float = 3.0
    pace: float = 1.0
    """How much longer a run lasts under the first factor."""
    outside: Outside | None = None
    lawful: bool = True
    """Whether every third factor changes the result, as one thread does."""
    clock: float = 0.0
    made: int = 0
    flips: dict[str, bool] = field(default_factory=dict)

    def run(self, settings: Mapping[str, str], *, slowed: bool) -> tuple[int, ...]:
        """The result at the origin; `slowed` if a run without the factor takes as long as one with it."""
        self.made += 1
        slow = "f0" in settings or slowed
        start = self.clock
        self.clock += self.seconds * (self.pace if slow else 1.0)
        outside = self.outside.result(start, self.clock, self.made) if self.outside else USUAL
        lawful = sorted(int(name[1:]) for name in settings if int(name[1:]) % 3 == 2) if self.lawful else []
        return (self._own(settings, slow=slow), outside, *lawful)

    def _own(self, settings: Mapping[str, str], *, slow: bool) -> int:
        if self.kind == "none":
            return USUAL
        strikes = self.rng.random() < (self.rarer if self.kind == "load" and slow else self.rate)
        if self.kind == "hides" and settings.get("f0") == "0":
            return USUAL
        if self.kind in {"cure", "own", "flip"} and all(f"f{cause}" in settings for cause in self.causes):
            value = settings[f"f{self.causes[0]}"]
            if self.kind == "own":
                return -1000 - int(value)
            return -1 if self.kind == "flip" and self._flips(value) else USUAL
        if not strikes:
            return USUAL
        odd = self.rng.randrange(self.results) if self.results else self.made
        return -1 if self.kind == "flip" else 1000 + odd

    def _flips(self, value: str) -> bool:
        return self.flips.setdefault(value, self.rng.random() < self.rate)


@dataclass
class SimulatedBench:
    """Runs of a program, labelled; the placebo makes runs without a factor as slow as those with it."""

    program: Program
    left: int
    placebo: bool = True
    why: str = ""
    labels: dict[tuple[int, ...], Label] = field(default_factory=dict)

    def run(self, settings: Mapping[str, str], purpose: str = "", beside: Mapping[str, str] | None = None) -> Label:
        """One run."""
        del purpose
        self.left -= 1
        result = self.program.run(settings, slowed=self.placebo and "f0" in (beside or {}))
        return self.labels.setdefault(result, len(self.labels))

    def still_enters(self, values: Sequence[Mapping[str, str]]) -> bool:
        """No origin of these worlds is a value that was taken from outside."""
        del values
        return False


@dataclass(frozen=True)
class Told:
    """What one replay said, and in how many runs after the base runs."""

    outcome: Outcome
    runs: int


def replay(program: Program, values: int, budget: int, *, placebo: bool = True) -> Told | None:
    """One replay; None if the base runs agree. `values` is how many values each factor has."""
    bench = SimulatedBench(program, BASE + budget, placebo)
    off = [bench.run({}) for _ in range(BASE)]
    if len(set(off)) == 1:
        return None
    located = bench.left
    off.append(bench.run({}))
    while located - bench.left <= LOCATING and off[-1] == off[BASE]:
        off.append(bench.run({}))
    if off[-1] == off[BASE]:
        return Told(Outcome([]), BASE + budget - bench.left - BASE)
    settings = [tuple({f"f{number}": str(value)} for value in range(values)) for number in range(program.hypotheses)]
    factors = [Factor(f"f{number}", one) for number, one in enumerate(settings)]
    found = CauseSearch(factors, bench, off, coin=program.rng).run()
    return Told(found, budget - bench.left)


# --------------------------------------------------------------------------------------------------------- measuring


@dataclass
class Cell:
    """What came of many replays of one kind."""

    replays: int = 0
    right: int = 0
    together: int = 0
    """Replays that said that it vanishes with several factors on, the causes among them."""
    wrong: int = 0
    """Replays that named another factor, or several without the causes."""
    found: list[int] = field(default_factory=list)
    """Runs after the base runs, of the replays with a proof."""

    @property
    def refuted(self) -> float:
        """The probability of at least so many false proofs if their rate were LEVEL."""
        return at_least(self.wrong, self.replays, LEVEL)

    def __str__(self) -> str:  # noqa: D105 - a line of the table
        if not self.replays:
            return "never diverged"
        runs = sorted(self.found)
        middle = f"{runs[len(runs) // 2]:2d} runs, {runs[int(0.9 * len(runs))]:2d} in nine of ten" if runs else ""
        together = f"  all together {self.together / self.replays:.1%}" if self.together else ""
        return f"wrong {self.wrong / self.replays:6.2%}  right {self.right / self.replays:6.1%}  {middle}{together}"


def at_least(count: int, trials: int, rate: float) -> float:
    """The binomial probability of `count` or more."""
    log = [
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(rate)
        + (trials - k) * math.log1p(-rate)
        for k in range(count)
    ]
    return max(0.0, 1.0 - sum(map(math.exp, log)))


def measure(
    made: Callable[[random.Random], Program],
    replays: int,
    seed: str,
    *,
    values: int = 2,
    budget: int = BUDGET,
    placebo: bool = True,
) -> Cell:
    """So many replays that diverge."""
    cell, tries = Cell(), 0
    while cell.replays < replays and tries < 60 * replays:
        tries += 1
        program = made(random.Random(f"{seed}/{tries}"))
        told = replay(program, values, budget, placebo=placebo)
        if told is None:
            continue
        cell.replays += 1
        proven, together = told.outcome.proven, told.outcome.together
        if proven is not None:
            cell.right += program.causes == (proven,)
            cell.wrong += program.causes != (proven,)
            cell.found.append(told.runs)
        elif together:
            within = bool(program.causes) and set(program.causes) <= set(together)
            cell.together += within
            cell.wrong += not within
    return cell


def outsides() -> Iterator[tuple[str, bool, Callable[[random.Random], Outside]]]:
    """Name, whether the length of a run matters, and how to make it."""
    for rate in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        yield f"independent events of {rate:.0%}", False, lambda rng, rate=rate: Independent(rng, rate)
    for results in (2, 3, 6, 20, 60):
        share = 1 - 1 / results
        yield f"one of {results} results", False, lambda rng, n=results, s=share: Independent(rng, s, n - 1)
    for busy, calm in ((3, 3), (20, 40), (60, 60), (120, 60), (300, 300), (600, 600)):
        yield f"busy {busy} s, calm {calm} s", True, lambda rng, b=busy, c=calm: Phases(rng, b, c)
    for busy, calm in ((3, 10), (60, 60), (600, 300)):
        yield f"about {busy} s, about {calm} s", True, lambda rng, b=busy, c=calm: Phases(rng, b, c, drawn=True)
    yield "busy 60 s, calm 60 s, one result", True, lambda rng: Phases(rng, 60, 60, one=True)
    yield "more over 120 s", True, lambda rng: Drift(rng, 120)
    yield "less over 120 s", True, lambda rng: Drift(rng, 120, falling=True)
    yield "another result each 20 s", True, lambda rng: Drift(rng, 20, steps=True)
    yield "first run only", False, lambda rng: FirstRuns(rng, 1)
    yield "first 5 runs", False, lambda rng: FirstRuns(rng, 5)
    yield "every other run", False, EveryOther


def errors(replays: int) -> Iterator[tuple[str, Cell]]:
    """Nothing but the outside: every proof is false."""
    for count in (9, 4, 1):
        for seconds in (0.3, 3.0, 30.0):
            for values in (1, 2, 6):
                for title, timed, outside in outsides():
                    if seconds != 3.0 and not timed:
                        continue

                    def made(
                        rng: random.Random,
                        count: int = count,
                        seconds: float = seconds,
                        outside: Callable[[random.Random], Outside] = outside,
                    ) -> Program:
                        return Program(rng, count, seconds=seconds, outside=outside(rng))

                    name = f"{count} factors of {values} values, runs of {seconds} s: {title}"
                    yield name, measure(made, replays, name, values=values)


def effects(replays: int) -> Iterator[tuple[str, Cell]]:
    """Factors that do something without being the cause: one value hides, or a slow run calms what is outside."""
    for rate in (1.0, 0.5):
        name = f"value 0 hides what shows in {rate:.0%}, 2 values"
        yield name, measure(lambda rng, r=rate: Program(rng, 4, kind="hides", rate=r), replays, name)
    for rate, rarer in ((1.0, 0.5), (1.0, 0.2), (1.0, 0.05), (0.5, 0.25), (0.5, 0.1), (0.5, 0.02)):
        for values in (1, 2):
            name = f"slowing takes {rate:.0%} to {rarer:.0%}, {values} values"

            def made(rng: random.Random, rate: float = rate, rarer: float = rarer) -> Program:
                return Program(rng, 4, kind="load", rate=rate, rarer=rarer, pace=3)

            yield name, measure(made, replays, name, values=values)
    for pace in (0.2, 3.0):
        for busy, calm in ((20, 40), (60, 60)):
            name = f"runs {pace} times as long, struck if they touch busy {busy} s, calm {calm} s"

            def touching(rng: random.Random, pace: float = pace, busy: float = busy, calm: float = calm) -> Program:
                return Program(rng, 4, seconds=10, pace=pace, outside=Phases(rng, busy, calm, touch=True))

            yield name, measure(touching, replays, name, values=1)


def power(replays: int) -> Iterator[tuple[str, Cell]]:
    """One true cause."""
    for kind, values in (("cure", 1), ("own", 2), ("cure", 2), ("flip", 6)):
        for rate in (1.0, 0.5, 0.2):
            if (kind == "flip" and rate == 1.0) or (kind == "own" and rate < 1):
                continue
            for count, place in ((1, 0), (4, 0), (4, 3), (9, 0), (9, 1), (9, 4), (9, 8)):
                for budget in (24,) if rate == 1.0 else (24, 48):

                    def made(
                        rng: random.Random, kind: str = kind, rate: float = rate, count: int = count, at: int = place
                    ) -> Program:
                        return Program(rng, count, (at,), kind, rate)

                    name = f"{kind}, {values} values, in {rate:.0%} of runs, {place + 1} of {count}, budget {budget}"
                    yield name, measure(made, replays, name, values=values, budget=budget)
    for results in (3, 6, 20, 60):
        for budget in (24, 48):
            name = f"own, 2 values, one of {results} results in every run, 2 of 9, budget {budget}"

            def several(rng: random.Random, results: int = results) -> Program:
                return Program(rng, 9, (1,), "own", results=results)

            yield name, measure(several, replays, name, values=2, budget=budget)


def beside(replays: int) -> Iterator[tuple[str, Cell]]:
    """A cause beside something else: an event at the same origin, or a second cause."""
    for rate in (0.05, 0.1, 0.2):
        name = f"a cause, first of 4, and events of {rate:.0%}"
        yield (
            name,
            measure(
                lambda rng, r=rate: Program(rng, 4, (0,), "own", outside=Independent(rng, r)), replays, name, values=2
            ),
        )
    for causes in ((0, 1), (3, 5), (2, 8)):
        name = f"two causes, {causes[0] + 1} and {causes[1] + 1} of 9"
        yield name, measure(lambda rng, c=causes: Program(rng, 9, c, "cure"), replays, name)
        name += ", budget 48"
        yield name, measure(lambda rng, c=causes: Program(rng, 9, c, "cure"), replays, name, budget=48)


SECTIONS: Mapping[str, Callable[[int], Iterator[tuple[str, Cell]]]] = {
    "errors": errors,
    "effects": effects,
    "power": power,
    "beside": beside,
}


def main(arguments: Sequence[str]) -> int:
    """Print every cell, and the worst by section; 1 if a rate of false proofs of 1 % is refuted upwards somewhere."""
    sizes = [int(one) for one in arguments if one.isdigit()]
    chosen = [one for one in arguments if not one.isdigit()] or list(SECTIONS)
    cells: dict[str, Cell] = {}
    for section in chosen:
        print(f"\n# {section}: {(SECTIONS[section].__doc__ or '').splitlines()[0]}", flush=True)
        began = time.monotonic()
        for name, cell in SECTIONS[section](sizes[0] if sizes else REPLAYS):
            cells[name] = cell
            print(f"{name:78s} {cell}", flush=True)
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    limit = 0.05 / max(1, len(cells))
    refuted = [name for name, cell in cells.items() if cell.replays and cell.refuted < limit]
    shares = Counter({name: cell.wrong / cell.replays for name, cell in cells.items() if cell.replays})
    for name, share in shares.most_common(3):
        print(f"worst: {share:.2%} false proofs: {name}")
    print(f"{len(cells)} cells; a rate of {LEVEL:.0%} is refuted upwards in: {', '.join(refuted) or 'none'}")
    return 1 if refuted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
