"""
The stake on "the origin does not show under this factor": evidence that holds whatever happens outside.

Before each run a coin draws whether the factor is on. A factor without effect cannot know what will happen in that run,
so a bet that foretells the run from its arm is a fair game: the stake grows to 1/level with a probability of at most
`level`, however events come (in phases, drifting, in the first runs only) and whenever one looks (Shafer, Testing by
betting, 2021). Only whether it shows is bet on, since a factor may lawfully change results without being the cause. The
exception is a switch: two values of the factor that always give two of the results that came without it as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Label = int
"""The result of a run at the origin: runs with equal labels gave the same there."""
Arm = int | None
"""The number of the factor's value that a run is made under; None for a run without the factor."""
INCIDENCES = (1.0, 0.7, 0.4, 0.2)
"""Rates with which the origin may show without the factor; the stake is split among them."""
ALWAYS = (0.95, 0.03, 0.015, 0.005)
"""The split where every run so far gave a result of its own."""
USUALLY = (0.1, 0.35, 0.35, 0.2)
"""The split where some result came twice."""
LEAST_CLEAN = 4
"""Runs under the factor that a proof needs, two for each of two values."""
LEAST_SHOWN = 2
"""Runs without the factor that showed the origin again, which a proof needs."""
OFF_SHARE, FIRST_SHARE, SECOND_SHARE = 0.5, 0.15, 0.35
"""With which probability the coin draws no factor, its first value, and its second."""


@dataclass(frozen=True)
class ArmRun:
    """One run of a test."""

    arm: Arm
    """The number of the factor's value; None for a run without it."""
    label: Label
    drawn: bool
    """Whether a coin drew its arm; else it was a look, or completed the proof."""
    shows: bool = False
    """Whether it shows the origin."""


def usual_of(labels: Sequence[Label]) -> Label | None:
    """The label that came most often; None if each came once."""
    found = Counter(labels).most_common(1)
    return found[0][0] if found and found[0][1] > 1 else None


@dataclass
class Stake:
    """The bet on one factor."""

    off: list[Label]
    """Labels of the runs without it, those before the first coin first."""
    values: int = 1
    """Values that the factor has."""
    under: dict[int, list[Label]] = field(default_factory=dict)
    """Value to the labels of its runs; another label than the first ends the bet."""
    drawn_off: list[Label] = field(default_factory=list)
    """Labels of the runs without the factor that the coin drew."""

    def __post_init__(self) -> None:  # noqa: D105 - private state
        self._usual = usual_of(self.off)
        self._split = ALWAYS if self._usual is None else USUALLY
        self._drawn: list[tuple[Arm, Label]] = []
        self._foretold = 0

    @property
    def switch(self) -> tuple[int, int] | None:
        """Two values that give two of the results that came without the factor; None if there are none."""
        giving = {labels[0]: value for value, labels in sorted(self.under.items(), reverse=True)}
        found = sorted(value for label, value in giving.items() if label in self.off)
        return (found[0], found[1]) if len(found) > 1 else None

    @property
    def released(self) -> int:
        """Runs without the factor that the coin drew."""
        return len(self.drawn_off)

    @property
    def shown(self) -> int:
        """Of these, the runs that showed the origin."""
        return sum(map(self.showing(), self.drawn_off))

    def showing(self) -> Callable[[Label], bool]:
        """Tells of a run without the factor whether its result shows the origin."""
        clean = min(self._clean_results(), key=self._size)
        return lambda label: self._shows(label, clean)

    @property
    def size(self) -> float:
        """How much better the bet foresaw the drawn runs than one that does not know their arms."""
        return min(map(self._size, self._clean_results()))

    def _size(self, clean: Label | None) -> float:
        """The same, if this is the result under the factor."""
        whole = 0.0
        for part, rate in zip(self._split, INCIDENCES, strict=True):
            won = part
            for arm, label in self._drawn:
                won *= self._gain(arm, label, rate, clean)
            whole += won
        return whole * 2.0**self._foretold

    def _gain(self, arm: Arm, label: Label, rate: float, clean: Label | None) -> float:
        """The probability of the outcome under this arm / that under an arm which nobody knows."""
        if arm is None and self._shows(label, clean):
            return 1 / OFF_SHARE  # under the factor it never shows
        without, within = 1 - rate, 1.0
        return (without if arm is None else within) / (OFF_SHARE * without + (1 - OFF_SHARE) * within)

    def _clean_results(self) -> list[Label | None]:
        """
        Which result without the factor the one under it may be; None: one that has not come twice.

        What counts as showing must not depend on the arm. A factor without effect may lawfully change what else is
        compared, so that its result equals none that came without it. Then the bet counts as the worst of the results
        that are usual by now: one of them may be its own.
        """
        if self.under and (clean := self.under[0][0]) in self.off:
            return [clean]
        often = [label for label, count in Counter(self.off).items() if count > 1]
        return [*often] or [None]

    def _shows(self, label: Label, clean: Label | None) -> bool:
        """Whether the origin shows in a run without the factor."""
        return clean is None or label != clean

    def arms(self) -> dict[Arm, float]:
        """With which probability the coin draws each arm for the next run."""
        if (pair := self.switch) is not None:
            return dict.fromkeys(pair, 0.5)
        if self.values == 1:
            return {None: OFF_SHARE, 0: 1 - OFF_SHARE}
        return {None: OFF_SHARE, 0: FIRST_SHARE, 1: SECOND_SHARE}

    def missing(self) -> Arm | str:
        """Beside the stake: the arm of which a proof needs another run; empty text if it needs none."""
        if (pair := self.switch) is not None:
            return next((value for value in pair if len(self.under[value]) < 2), "")
        if self.shown < LEAST_SHOWN:
            return None
        counts = {value: len(self.under.get(value, ())) for value in range(min(self.values, 2))}
        fewest = min(counts, key=lambda value: counts[value])
        return fewest if counts[fewest] < 2 or sum(counts.values()) < LEAST_CLEAN else ""

    def clean(self, value: int, label: Label) -> bool:
        """Note a run under a value; False if it differs from an earlier one under the same value."""
        self.under.setdefault(value, []).append(label)
        return self.under[value][0] == label

    def note(self, arm: Arm, label: Label, *, known: bool, bets: bool = True) -> None:
        """
        Note a run whose arm a coin drew.

        `known`: whether the arm's value had been run before, so that the bet could foretell its result. `bets` is False
        for runs that complete a proof, whose arm no coin drew.
        """
        counts = bets and (arm is None or known)
        if arm is not None and self.switch is not None:
            self._foretold += counts
        elif counts:
            self._drawn.append((arm, label))
        if arm is None:
            self.off.append(label)
            self.drawn_off.append(label)
