"""A verdict over a resumed run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Resume, Verdict


@dataclass(frozen=True)
class Judged:
    """A verdict, and what is told with it."""

    verdict: Verdict
    problems: Sequence[str] = ()
    told: Resume | None = None

    @property
    def summary(self) -> str:
        """The verdict in one line."""
        if self.told is None or self.verdict != "diverged":
            return self.verdict.upper()
        return f"DIVERGED at step {self.told.step}: {self.told.effect} ({self.told.unsaved_state})"
