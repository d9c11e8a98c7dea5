"""What a rule answers, with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ...manifest.models import Frozen, Severity

State = Literal["pass", "fail", "inconclusive", "noted"]
"""`noted`: told, and counts neither for nor against."""
Standing = Literal["new", "worse", "unchanged"]


class Place(Frozen):
    """A line of a file, relative to the policy's folder."""

    file: str
    line: int = 1


class Acceptance(Frozen):
    """The accepted finding that excuses a result."""

    reason: str
    owner: str
    expires: str


class Result(Frozen):
    """The answer of one rule, or of one of the things that it judges."""

    rule: str
    """The kind of rule: `finding`, `required`, `fact`, ..."""
    name: str
    """What it is about: a check, a fact's key, a package, a replay's command."""
    state: State
    reason: str
    """Why, in one or two sentences."""
    observed: str = ""
    """What decided it, for the comparison with the baseline."""
    names: list[str] = []
    """The operators or values that deviate."""
    severity: Severity | None = None
    framework: str = ""
    remedy: str = ""
    standing: Standing | None = None
    """For a failure, where there is a baseline: whether the baseline has it."""
    in_baseline: bool = False
    """Whether it is excused since the baseline has it (`fail-new`)."""
    accepted: Acceptance | None = None
    """The accepted finding that excuses it."""
    notes: list[str] = []
    """More that a reader should know: accepted findings that lapsed, releases without the defect."""
    where: Place | None = None
    """The line that a person should look at."""
    parts: list[Result] = []
    """The answers that it combines."""

    @property
    def excused(self) -> bool:
        """Whether it fails, and does not count."""
        return self.state == "fail" and (self.in_baseline or self.accepted is not None)

    @property
    def counted(self) -> State:
        """The state that counts."""
        return "pass" if self.excused else self.state

    def leaves(self) -> Iterator[Result]:
        """The results that combine no others, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()
