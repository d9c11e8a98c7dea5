"""How many runs a replay may still make after its baseline runs, and until when."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

RUNS = 24
"""Runs after the baseline runs, by default."""
SECONDS = 15 * 60.0
"""Time after the baseline runs, by default; or the time of so many runs, if that is longer."""
OR_RUNS = 8
RECENT = 5
"""Runs from which the time of the next one is expected."""


@dataclass
class Budget:
    """A number of runs and a time. It is shared by all that makes runs, and counts them."""

    runs: int = RUNS
    seconds: float | None = None
    """None: the default, which depends on how long a run takes."""
    now: Callable[[], float] = time.monotonic
    made: int = 0
    stopped: bool = False
    """Whether we were told to stop: nothing more is run."""
    took: list[float] = field(default_factory=list)
    """Seconds of each run so far, the baseline runs first."""
    _end: float | None = None
    _last: int | None = None

    def allowed(self, baseline: Sequence[float]) -> float:
        """The seconds that may pass after baseline runs of these seconds."""
        longest = max(baseline, default=0.0)
        return max(SECONDS, OR_RUNS * longest) if self.seconds is None else self.seconds

    def begin(self, baseline: Sequence[float]) -> float:
        """Start counting after baseline runs of these seconds; returns the seconds that may pass from now on."""
        allowed = self.allowed(baseline)
        self.made, self._end, self._last = 0, self.now() + allowed, len(self.took) + self.runs
        return allowed

    def close(self) -> None:
        """The search has ended: what follows (`--vary`, `--metric`) is limited by what was asked for."""
        self._last = None

    def stop(self) -> None:
        """Nothing more is run."""
        self.stopped = True

    def count(self) -> None:
        """One run is made."""
        self.made += 1

    @property
    def left(self) -> int:
        """Runs that may still be made; none once the time has passed, or once we were told to stop."""
        over = self.stopped or (self._end is not None and self.now() >= self._end)
        return 0 if over else max(0, self.runs - self.made)

    @property
    def last(self) -> int | None:
        """While the search goes on: the number of the last run that it may make."""
        return self._last

    @property
    def seconds_left(self) -> float | None:
        """While the search goes on: how long it takes at most, as far as the runs so far tell."""
        if self._last is None or self._end is None or not self.took:
            return None
        return max(0.0, min((self._last - len(self.took)) * self.typical, self._end - self.now()))

    @property
    def typical(self) -> float:
        """How long the next run takes, as far as the last ones tell."""
        return statistics.median(self.took[-RECENT:]) if self.took else 0.0
