"""
The search for a cause among hypotheses: which runs are made, and what they prove.

1. Look: two runs under a hypothesis. If they differ at the origin, it is refuted for good. The first two hypotheses are
   looked at alone; of the rest all together, then halves, so that one of nine is found in few runs.
2. Confirm: a coin draws for each further run whether the factor is on, until the stake (`stake.py`) is large enough for
   its share of the level, and two values of the factor, where it has them, agree. Nothing else proves a cause.

The level holds for the whole replay. Runs are made by a `Bench`, which answers with labels: the simulation of
`benchmarks/proofs.py` runs this code with worlds whose cause is known.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .search_model import Bench, Choice, Factor, Outcome, Settings, State, Tested
from .stake import Arm, ArmRun, Label, Stake, usual_of

LEVEL = 0.01
"""Largest probability of a false proof in one replay."""
LOOKS = 2
"""Runs of a look."""
ALONE = 2
"""Hypotheses that are looked at alone before the rest is grouped."""
GROUPED_FROM = 5
"""Least number of hypotheses that are grouped."""
TRIED_VALUES = 6
"""Values of a factor that are tried for one that gives another of the known results."""
RESERVE = 6
"""Runs of the budget that are kept for the coin."""


@dataclass
class CauseSearch:
    """One search. `off` are the labels of the runs without any factor, which are at least two and differ."""

    factors: Sequence[Factor]
    bench: Bench
    off: list[Label]
    level: float = LEVEL
    coin: Choice = field(default_factory=secrets.SystemRandom)

    def __post_init__(self) -> None:  # noqa: D105 - private state
        self._spent = self._level = 0.0
        self._beneath: int | None = None
        self._tested = [Tested() for _ in self.factors]
        self._test: tuple[Sequence[int], Stake] | None = None
        self._runs: list[ArmRun] = []

    def run(self) -> Outcome:
        """Every run of the search; it ends with a proof, with the budget, or when no hypothesis is left."""
        return replace(self._searched(), level=self.level * (1 - self._spent))

    def _searched(self) -> Outcome:
        order = range(len(self.factors))
        alone = order[:ALONE] if len(order) >= GROUPED_FROM else order
        for number in alone:
            if not self.bench.left:
                return Outcome(self._tested)
            if self._tried_alone(number, last=number == order[-1]):
                return Outcome(self._tested, number)
            if self._beneath is not None:
                return Outcome(self._tested, beneath=self._beneath)
        rest = order[len(alone) :]
        return self._within(order, rest) if rest and self.bench.left else Outcome(self._tested)

    def so_far(self) -> Outcome:
        """What the runs until now show, where the search was interrupted."""
        if self._test:
            self._tell(*self._test, "open")
        for told in self._tested:
            if told.state == "untried" and told.under:
                told.state = "open"
        return Outcome(self._tested)

    # --------------------------------------------------------------------------------------------------------- looks

    def _tried_alone(self, number: int, *, last: bool) -> bool:
        labels = self._look([number])
        if labels and self.bench.still_enters(self.factors[number].values):
            self._beneath = number
            self._conclude([number], "open")
            return False
        return bool(labels) and self._confirmed([number], labels, last=last)

    def _look(self, numbers: Sequence[int]) -> list[Label]:
        """The labels of runs with all these factors on; empty if the origin shows, or a run ended otherwise."""
        labels: list[Label] = []
        settings = self._settings(numbers)
        for count in range(LOOKS):
            if not self.bench.left:
                return []
            label = self.bench.run(settings, f"{self._named(numbers)}, {count + 1} of {LOOKS}")
            self._count(numbers)
            if label is None:
                self._conclude(numbers, "unusable", self.bench.why)
                return []
            labels.append(label)
            if label != labels[0]:
                self._conclude(numbers, "refuted")
                return []
        return labels

    def _within(self, whole: Sequence[int], group: Sequence[int]) -> Outcome:
        """Halve a group under which the origin vanishes; a half that lets it show is out."""
        together = self._look(whole)
        if not together:
            outside = all(one.state == "refuted" for one in self._tested)  # else the budget ended, or a run failed
            return self._singly(group) if self.bench.why else Outcome(self._tested, outside=outside)
        labels: list[Label] = []
        while len(group) > 1 and self.bench.left:
            half = group[: len(group) // 2]
            labels = self._look(half)
            if not labels and self.bench.why:
                return self._singly(group)
            group = half if labels else group[len(half) :]
        if len(group) == 1 and self.bench.left:
            if self._confirmed(group, labels):
                return Outcome(self._tested, group[0])
            if self.bench.left > RESERVE and self._confirmed(whole, together):
                return Outcome(self._tested, together=tuple(whole))
        return Outcome(self._tested)

    def _singly(self, group: Sequence[int]) -> Outcome:
        """Each of a group alone, since a run with several of them ended otherwise."""
        for number in group:
            if not self.bench.left:
                break
            if self._tried_alone(number, last=number == group[-1]):
                return Outcome(self._tested, number)
            if self._beneath is not None:
                return Outcome(self._tested, beneath=self._beneath)
        return Outcome(self._tested)

    # ------------------------------------------------------------------------------------------------------ the coin

    def _share(self, *, last: bool) -> float:
        """
        What this hypothesis may use of the level: a part of what is left.

        More where every run so far gave a result of its own, since a false hypothesis would have been refuted by now.
        """
        part = (1 - self._spent) * (1.0 if last else 0.83 if usual_of(self.off) is None else 0.5)
        self._spent += part
        return part * self.level

    def _confirmed(self, numbers: Sequence[int], seen: Sequence[Label], *, last: bool = False) -> bool:
        self._level = self._share(last=last)
        needed = 1 / self._level
        values = min((len(self.factors[number].values) for number in numbers), default=1)
        stake = Stake(list(self.off), values)
        self._test, self._runs = (numbers, stake), []
        if not self._first_runs(numbers, stake, seen):
            return False
        while self.bench.left:
            won, missing = stake.size >= needed, stake.missing()
            if won and missing == "":
                break
            if not self._drawn(numbers, stake, missing if won else ""):
                return False
        proven = stake.size >= needed and stake.missing() == ""
        self._tell(numbers, stake, ("switch" if stake.switch else "proven") if proven else "open")
        return proven

    def _first_runs(self, numbers: Sequence[int], stake: Stake, seen: Sequence[Label]) -> bool:
        """The runs of the look, or one; and values until one gives another of the results that came before."""
        for label in seen:
            stake.clean(0, label)
            self._runs.append(ArmRun(0, label, drawn=False))
        if not seen and not self._under(numbers, stake, 0):
            return False
        if usual_of(self.off) is None:
            return True
        for value in range(1, min(stake.values, TRIED_VALUES)):
            if self.bench.left < RESERVE or stake.under[value - 1][0] != stake.under[0][0]:
                break
            if not self._under(numbers, stake, value):
                return False
        return True

    def _drawn(self, numbers: Sequence[int], stake: Stake, complete: Arm | str) -> bool:
        """One run whose arm the coin draws; or the one that completes the proof. False if it refutes."""
        arms = stake.arms() if complete == "" else {complete: 1.0}
        (arm,) = self.coin.choices([*arms], [*arms.values()])
        bets = complete == ""
        if isinstance(arm, int):
            known = arm in stake.under
            if not self._under(numbers, stake, arm, drawn=True, bets=bets):
                return False
            stake.note(arm, stake.under[arm][-1], known=known, bets=bets)
            return True
        label = self.bench.run({}, f"without {self._named(numbers).removeprefix('with ')}", self._settings(numbers))
        if label is None:  # no bet: under the factor such a run ends the bet, so that leaving it out favours nothing
            return True
        self.off.append(label)
        self._runs.append(ArmRun(None, label, drawn=bets))
        stake.note(None, label, known=True, bets=bets)
        return True

    def _under(
        self, numbers: Sequence[int], stake: Stake, value: int, *, drawn: bool = False, bets: bool = False
    ) -> bool:
        """A run under a value of the factor; False if it refutes or cannot be used."""
        beside = self._settings(numbers) if drawn else None
        label = self.bench.run(self._settings(numbers, value), self._named(numbers, value), beside)
        self._count(numbers)
        if label is None:
            self._tell(numbers, stake, "unusable", self.bench.why)
            return False
        self._runs.append(ArmRun(value, label, drawn=bets))
        if not stake.clean(value, label):
            self._tell(numbers, stake, "refuted")
            return False
        return True

    # ------------------------------------------------------------------------------------------------------- the book

    def _settings(self, numbers: Sequence[int], value: int = 0) -> Settings:
        merged: dict[str, str] = {}
        for number in numbers:
            values = self.factors[number].values
            merged.update(values[min(value, len(values) - 1)])
        return merged

    def _named(self, numbers: Sequence[int], value: int = 0) -> str:
        if len(numbers) > 2:
            return f"with {len(numbers)} factors"
        return "with " + ", ".join(f"{name}={told}" for name, told in self._settings(numbers, value).items())

    def _count(self, numbers: Sequence[int]) -> None:
        if len(numbers) == 1:
            self._tested[numbers[0]].under += 1

    def _conclude(self, numbers: Sequence[int], state: State, note: str = "") -> None:
        """Runs with several factors on refute each of them; runs that ended otherwise say nothing of one alone."""
        for number in numbers:
            if len(numbers) == 1 or state == "refuted":
                self._tested[number].state, self._tested[number].note = state, note

    def _tell(self, numbers: Sequence[int], stake: Stake, state: State, note: str = "") -> None:
        self._test = None
        if len(numbers) == 1:
            told, shows = self._tested[numbers[0]], stake.showing()
            told.state, told.note, told.stake, told.share = state, note, stake.size, self._level
            told.runs = [replace(one, shows=one.arm is None and shows(one.label)) for one in self._runs]
            told.without, told.shown, told.values = stake.released, stake.shown, len(stake.under)
            told.switched = {value: len(stake.under[value]) for value in stake.switch or () if state == "switch"}
