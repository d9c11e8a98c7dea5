"""
Files of the working folder that the program looks for and does not find, and folders of it that it lists.

They tell the host that the program may read what an earlier run of it left there. What compiled code looks for (HDF5,
TensorFlow's checkpoints) is not seen, but for folders that Python lists before.
"""

from __future__ import annotations

import builtins
import io
import os
import sys

from ....factors.wrappers import in_place_of

MOST_PATHS = 1000
"""Most paths of one process that are told."""
MAKES_FOLDERS = "makedirs"
"""A function that looks for the folders which it makes."""
OF_PYTHON = (".py", ".pyc", ".so", ".dist-info", "__pycache__")
_open, _write, _close, _pid = os.open, os.write, os.close, os.getpid
_fspath, _fsdecode, _abspath = os.fspath, os.fsdecode, os.path.abspath


class LookedFor:
    """Leaves these paths in a file for the host, a line each."""

    def __init__(self, folder):
        self._folder = os.path.join(folder, "looked")
        self._working = os.getcwd() + os.sep
        self._known = set()

    def note(self, path):
        """The program looks for this path. Never raises: it runs inside of the program's calls."""
        try:
            path = _abspath(_fsdecode(_fspath(path)))
            if path in self._known or not path.startswith(self._working) or path.endswith(OF_PYTHON):
                return
            if len(self._known) >= MOST_PATHS or "\n" in path:
                return
            self._known.add(path)
            file = _open(
                os.path.join(self._folder, "%d" % _pid()), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            try:
                _write(file, path.encode("utf-8", "surrogateescape") + b"\n")
            finally:
                _close(file)
        except Exception:  # noqa: S110 - without a note one run fewer is made, and nothing is said of it
            pass


def follow(looked):
    """Wrap the functions by which Python finds out whether a file is there."""
    for name in ("stat", "lstat"):
        plain = getattr(os, name)
        wrapped = _asking(looked, plain)
        setattr(os, name, wrapped)
        for supported in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            if plain in supported:
                supported.add(wrapped)
    builtins.open = io.open = _opening(looked, io.open)


def _asking(looked, plain):
    def ask(path, *arguments, **named):
        try:
            return plain(path, *arguments, **named)
        except FileNotFoundError:
            if not isinstance(path, int) and not _makes_folders(sys._getframe(1)):
                looked.note(path)
            raise

    return in_place_of(plain, ask)


def _makes_folders(frame):
    """Whether `os.makedirs` asks, through `os.path.exists`."""
    return frame.f_back is not None and frame.f_back.f_code.co_name == MAKES_FOLDERS


def _opening(looked, plain):
    def opened(file, mode="r", *arguments, **named):
        try:
            return plain(file, mode, *arguments, **named)
        except FileNotFoundError:
            if not isinstance(file, int):
                looked.note(file)
            raise

    return in_place_of(plain, opened)
