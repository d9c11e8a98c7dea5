"""
Leaves a line of JSON for the host at each optimizer step, and a line for each path that the program writes.

It is not in the streams: these are compared step by step between whole runs, and a resumed run has other steps before
its first one.
"""

from __future__ import annotations

import json
import os

STEPS, WRITTEN = "steps", "wrote"
"""Folders in the run's folder; in each a file for each process."""
MOST_STEPS = 200_000
"""Steps of one process from which on nothing is told."""
MOST_PATHS = 10_000
_open, _write, _close, _pid = os.open, os.write, os.close, os.getpid


class Notes:
    """The lines of one process."""

    def __init__(self, process):
        self._process = process
        self.count, self._paths = 0, set()
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self):
        self.count, self._paths = 0, set()

    def step(self, told):
        """One optimizer step: a dictionary that JSON can hold."""
        self.count += 1
        if self.count <= MOST_STEPS:
            self._line(STEPS, "%s.%d" % (self._process.lineage, self._process.task.ordinal), told)

    def wrote(self, path):
        """The program begins to write this path or removes it, makes this folder, or renames a file to it."""
        if (path, self.count) in self._paths or len(self._paths) >= MOST_PATHS:
            return
        self._paths.add((path, self.count))
        self._line(WRITTEN, "%d" % _pid(), {"path": path, "steps": self.count})

    def _line(self, folder, name, told):
        path = os.path.join(self._process.folder, folder, name)
        file = _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _write(file, json.dumps(told).encode() + b"\n")
        finally:
            _close(file)
