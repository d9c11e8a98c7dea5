"""
Notes where the program opens files that an earlier run left, in runs that find them: the statement that loads them.

The first operation that differs is often far from there: a checkpoint is loaded in one function and used in another.
Compiled code opens files unseen; of the formats that it reads, the Python function that a program calls is wrapped.
"""

from __future__ import annotations

import builtins
import functools
import io
import json
import os

from ....factors.wrappers import in_place_of

MOST_NOTES = 1000
"""Most loads of one process that are noted; the first ones are those that began a difference."""
WRITING = frozenset("wax+")
FOLDER = "loaded"
READERS = {
    "tensorflow.python.training.py_checkpoint_reader": ("NewCheckpointReader", ".index"),
    "safetensors": ("safe_open", ""),
}
"""Module to its function that opens a file in compiled code, and what that adds to the name that it is given."""
_open, _write, _close, _pid, _realpath = os.open, os.write, os.close, os.getpid, os.path.realpath


class Loads:
    """Leaves each load in a file for the host: task, index of the next record of its stream, and the user's line."""

    def __init__(self, process, sites, paths):
        self._process, self._sites = process, sites
        self._paths = frozenset(paths)
        self._count = 0

    def opened(self, path, mode="r", suffix=""):
        """The caller's caller has opened this path. Never raises: it runs inside of the program's calls."""
        try:
            path = _realpath(os.fsdecode(os.fspath(path))) + suffix
            if path not in self._paths:
                return
            if not WRITING.isdisjoint(mode):
                self._paths -= {path}  # from here on it holds what this run writes
                return
            frame = self._sites.frame(3)
            if frame is not None and self._count < MOST_NOTES:
                self._count += 1
                self._note(self._sites.text(frame))
        except Exception as problem:
            self._process.problem(problem)

    def _note(self, site):
        task = self._process.task
        place = task.stream.records if task.stream is not None else 0
        line = json.dumps([self._process.lineage, task.ordinal, place, site]) + "\n"
        name = os.path.join(self._process.folder, FOLDER, "%d" % _pid())
        file = _open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _write(file, line.encode("utf-8", "backslashreplace"))
        finally:
            _close(file)


def follow(loads, finder):
    """Wrap the functions that open files: Python's, and those of libraries whose compiled code does."""
    builtins.open = io.open = _opening(loads, io.open)
    for name, reader in READERS.items():
        finder.when_imported(name, functools.partial(_follow_reader, loads, *reader))
    finder.when_imported("h5py._hl.files", lambda module: _follow_hdf5(loads, module.File))


def _opening(loads, plain):
    def opened(file, mode="r", *arguments, **named):
        made = plain(file, mode, *arguments, **named)
        if not isinstance(file, int):
            loads.opened(file, mode)
        return made

    return in_place_of(plain, opened)


def _follow_reader(loads, function, suffix, module):
    plain = getattr(module, function)

    def reader(path, *arguments, **named):
        loads.opened(path, suffix=suffix)
        return plain(path, *arguments, **named)

    setattr(module, function, in_place_of(plain, reader))


def _follow_hdf5(loads, kind):
    plain = kind.__init__

    @functools.wraps(plain)
    def opened(self, name, mode="r", *arguments, **named):
        plain(self, name, mode, *arguments, **named)
        if isinstance(name, (str, bytes, os.PathLike)):
            loads.opened(name, mode or "r")

    kind.__init__ = opened
