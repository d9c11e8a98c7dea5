"""Rules that combine rules: all of, any of, at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .evidence import Evidence, combined
from .result import Result


class Rule(Protocol):
    """A pure function of the evidence, with its parameters."""

    def judge(self, evidence: Evidence) -> Result:
        """The answer and its reason."""
        ...


@dataclass(frozen=True)
class AllOf:
    """Each rule must hold. A rule that only notes something counts neither for nor against."""

    name: str
    rules: Sequence[Rule]

    def judge(self, evidence: Evidence) -> Result:
        """Fails if one fails, else is inconclusive if one is."""
        parts = [rule.judge(evidence) for rule in self.rules]
        count = len([part for part in parts if part.counted != "noted"])
        return combined("all-of", self.name, parts, count, "nothing was asked")


@dataclass(frozen=True)
class AtLeast:
    """At least `count` of the rules must hold."""

    name: str
    count: int
    rules: Sequence[Rule]

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive where those that could not be decided would make the difference."""
        parts = [rule.judge(evidence) for rule in self.rules]
        return combined("at-least", self.name, parts, self.count)


@dataclass(frozen=True)
class AnyOf:
    """One of the rules must hold."""

    name: str
    rules: Sequence[Rule]

    def judge(self, evidence: Evidence) -> Result:
        """Passes if one does, else is inconclusive if one is."""
        parts = [rule.judge(evidence) for rule in self.rules]
        return combined("any-of", self.name, parts, 1)
