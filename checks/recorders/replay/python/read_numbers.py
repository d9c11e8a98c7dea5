"""
Single numbers that the program reads out of tensors, in their order, in runs under a clock of ours.

A run is told apart from its copy under a faster clock by them: what is computed from durations alone is as many times
larger, or smaller. Without them only digests are known, which tell no amount.
"""

from __future__ import annotations

import contextlib
import os

MOST_NUMBERS = 100_000
"""Most numbers of one process that are kept; so many show nothing, since the others are not known."""
UNKNOWN = "?"
"""Stands for a value that is no real number, such as a string."""
_open, _write, _close, _pid = os.open, os.write, os.close, os.getpid


class ReadNumbers:
    """Leaves the numbers that this process has read in a file for the host: lineage, task and number, a line each."""

    def __init__(self, process):
        self._process = process
        self._folder = os.path.join(process.folder, "numbers")
        self._count = 0

    def note(self, value):
        """The program has read this value; or it has written a weight, whose digest this is."""
        self._count += 1
        if self._count > MOST_NUMBERS:
            return
        line = "%s %d %s\n" % (self._process.lineage, self._process.task.ordinal, _text(value))
        path = os.path.join(self._folder, "%d" % _pid())
        with contextlib.suppress(OSError):  # fewer numbers than in the other run prove nothing, which is safe
            file = _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            _write(file, line.encode())
            _close(file)


def wanted(process, request):
    """The object to which numbers are told; None unless the clock is ours."""
    return ReadNumbers(process) if (request.get("factors") or {}).get("clock") else None


def _text(value):
    try:
        return repr(float(value))
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN
