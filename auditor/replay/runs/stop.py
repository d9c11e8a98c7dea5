"""
When a run is told to end before its end: once a checkpoint is there, or after some seconds.

A file is there once it is new or changed and no process holds it open for writing; a folder once nothing in it was
written for a while.
"""

from __future__ import annotations

import glob
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from ..files.tree import Stamp, scan, stamp
from ..files.whose import open_for_writing

TICK_SECONDS = 0.02
"""Between two looks: a small program makes many steps in a second."""
QUIET_SECONDS = 2.0
"""So long nothing in a folder must have been written."""
GRACE_SECONDS = 60.0
"""Between SIGTERM and SIGKILL: a program may write a checkpoint then."""
MOST_FOUND = 1000
"""Paths of the pattern that are looked at."""


class Stop:
    """SIGTERM once a path of `pattern` is there, or after so many seconds. Made just before the run."""

    tick_seconds = TICK_SECONDS

    def __init__(self, pattern: str = "", after_seconds: float | None = None) -> None:
        self._pattern, self._after = pattern, after_seconds
        self._began: float | None = None
        self._before = {path: _state(path) for path in self._matching()}
        self.found = ""
        """The path that was there when the run was told to end."""
        self.sent: float | None = None
        """When it was told, on the monotonic clock; None if it was not."""

    def over(self, child: subprocess.Popen[bytes]) -> bool:
        """Tell the command to end once it is time; returns whether it did not heed that in time."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        if self.sent is not None:
            return now - self.sent > GRACE_SECONDS
        if self._is_due(now - self._began):
            self.sent = now
            child.terminate()
        return False

    def _is_due(self, seconds: float) -> bool:
        """Whether it is time, so long after the command's start."""
        if self._after is not None:
            return seconds >= self._after
        self.found = next(self._complete(), "")
        return bool(self.found)

    def _complete(self) -> Iterator[str]:
        """The paths of the pattern that are new or changed, and complete."""
        for path in self._matching():
            now = _state(path)
            if now and now != self._before.get(path) and _is_complete(path, now):
                yield path

    def _matching(self) -> list[str]:
        found = glob.iglob(self._pattern, recursive=True) if self._pattern else iter(())  # noqa: PTH207 - absolute patterns too
        return sorted(os.path.realpath(path) for _, path in zip(range(MOST_FOUND), found, strict=False))


def _state(path: str) -> dict[str, Stamp]:
    """The stamps of a file, or of all in a folder; of folders only whether they are there."""
    one = stamp(path)
    if one is None or one.kind != "folder":
        return {} if one is None else {path: one}
    return {name: entry for name, entry in scan([path]).items() if entry.kind != "folder"}


def _is_complete(path: str, now: dict[str, Stamp]) -> bool:
    if not Path(path).is_dir():
        return path not in open_for_writing([path])[0]
    latest = max(one.mtime_ns for one in now.values()) / 1e9
    return time.time() - latest >= QUIET_SECONDS and not open_for_writing([path])[0]
