"""
SIGINT, SIGTERM and SIGHUP during a command that has something to tell when it is interrupted.

The first one raises KeyboardInterrupt, and so does a second one, which ends what is still done to tell it. What follows
within a moment of the first is the same order: `timeout` and terminals send a signal to the process and to its group.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_SECONDS = 0.5


class Interruption:
    """Knows whether an interrupting signal arrived; handles them inside of `heard`."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._held = False

    @property
    def arrived(self) -> bool:
        """Whether one arrived while no program of the user ran."""
        return self._first is not None

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Handle them; ignored ones stay ignored (nohup)."""
        numbers = [one for one in NUMBERS if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.getsignal(one) for one in numbers}
        try:
            for one in numbers:
                signal.signal(one, self._hear)
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def hold(self) -> None:
        """Interrupt nothing from now on: what is left (to print, to clean up) takes no time, and must be whole."""
        self._held = True

    def _hear(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now = time.monotonic()
        same = self._first is not None and now - self._first < SAME_SECONDS
        self._first = now if self._first is None else self._first
        if not (same or self._held):
            raise KeyboardInterrupt
