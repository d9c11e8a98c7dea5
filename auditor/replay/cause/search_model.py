"""What a search for a cause takes and finds: factors, a bench that makes runs, what is known of each hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .stake import Arm, ArmRun, Label

Settings = Mapping[str, str]
State = Literal["untried", "refuted", "unusable", "open", "proven", "switch"]


class Choice(Protocol):
    """Draws one of several with these weights; `random.SystemRandom` is one."""

    def choices(self, population: Sequence[Arm], weights: Sequence[float]) -> list[Arm]:
        """A list of one."""


class Bench(Protocol):
    """Makes runs of the experiment, one at a time, and compares them at the origin."""

    @property
    def left(self) -> int:
        """How many runs the budget still allows."""

    def run(self, settings: Settings, purpose: str, beside: Settings | None = None) -> Label | None:
        """
        One run; None if it ended otherwise than the baseline runs, which `why` then tells.

        `beside` is given where a coin drew the arm: the settings of the factor that is tested. Runs of both arms take
        equally long, and have as many variables.
        """

    @property
    def why(self) -> str:
        """Why the last run gave no label; empty if it gave one."""

    def still_enters(self, values: Sequence[Settings]) -> bool:
        """
        Whether different values came in from Python under one of these settings, where the origin's value comes in.

        Then the origin, a value that was taken from outside, is not what differs.
        """


@dataclass(frozen=True)
class Factor:
    """What a hypothesis sets, one entry for each of its values; the first is looked at."""

    name: str
    values: tuple[Settings, ...]


@dataclass
class Tested:
    """What is known of one hypothesis."""

    state: State = "untried"
    under: int = 0
    """Runs under it alone."""
    without: int = 0
    """Runs without it, drawn by the coin."""
    shown: int = 0
    """Of these, the ones that showed the origin."""
    stake: float = 0.0
    share: float = 0.0
    """Its part of the level: one through the stake that it needs."""
    runs: Sequence[ArmRun] = ()
    """Its runs in their order."""
    values: int = 0
    """Values of the factor that were run."""
    switched: Mapping[int, int] = field(default_factory=dict)
    """Of a switch: each of its two values, and how many runs gave its result."""
    note: str = ""


@dataclass
class Outcome:
    """What the search found."""

    tested: list[Tested]
    proven: int | None = None
    """The number of the hypothesis that is proven."""
    together: tuple[int, ...] = ()
    """Hypotheses of which it is proven that the origin vanishes with all of them on, while none was proven alone."""
    outside: bool = False
    """Whether the origin shows with every factor on: none of them is the cause."""
    beneath: int | None = None
    """The number of a hypothesis that removes the origin and not what comes in: the cause lies beneath it."""
    level: float = 0.0
    """What is left of the level."""
