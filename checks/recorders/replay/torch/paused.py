"""Threads in which a recorder of torch records nothing, for a while."""

from __future__ import annotations

import contextlib
from threading import get_ident


class Pausable:
    """What can be paused in one thread, also while it is paused there already."""

    def __init__(self):
        self._paused = {}
        """Thread (its id) to depth; only those that run a compiled region or code of the recorder are in it."""

    @contextlib.contextmanager
    def paused(self):
        """Record nothing in this thread within the block."""
        thread = get_ident()
        before = self._paused.get(thread, 0)
        self._paused[thread] = before + 1
        try:
            yield
        finally:
            if before:
                self._paused[thread] = before
            else:
                self._paused.pop(thread, None)
