"""How many runs a replay may still make after its baseline runs, and until when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RUNS = 24
"""Runs after the baseline runs, by default."""
SECONDS = 15 * 60.0
"""Time after the baseline runs, by default; or the time of so many runs, if that is longer."""
OR_RUNS = 8


@dataclass
class Budget:
    """A number of runs and a time. It is shared by all that makes runs, and counts them."""

    runs: int = RUNS
    seconds: float | None = None
    """None: the default, which depends on how long a run takes."""
    now: Callable[[], float] = time.monotonic
    made: int = 0
    _end: float | None = None

    def begin(self, baseline: Sequence[float]) -> float:
        """Start counting after baseline runs of these seconds; returns the seconds that may pass from now on."""
        longest = max(baseline, default=0.0)
        allowed = max(SECONDS, OR_RUNS * longest) if self.seconds is None else self.seconds
        self.made, self._end = 0, self.now() + allowed
        return allowed

    def count(self) -> None:
        """One run is made."""
        self.made += 1

    @property
    def left(self) -> int:
        """Runs that may still be made; none once the time has passed."""
        return max(0, self.runs - self.made) if self._end is None or self.now() < self._end else 0
