"""Tells whether the user's code or a library calls a function that the payload has replaced."""

from __future__ import annotations

import os
import sys
import sysconfig

from ..process.discovery import PAYLOAD

TELL_TIMES = tuple(os.sep + name for name in (os.path.join("logging", "__init__.py"), "timeit.py"))
"""Files of the standard library that read clocks to tell what they say; all others measure time limits."""


class Callers:
    """Classifies the calling frame by its file; frames of the payload, which pass calls on, are skipped."""

    def __init__(self):
        self._libraries = _folders("stdlib", "platstdlib")
        self._installed = _folders("purelib", "platlib")
        self._ours = PAYLOAD + os.sep
        self._known = {}

    def is_users(self):
        """Whether the user's code calls the function that calls this one."""
        return self._kind(sys._getframe(2)) == "user"

    def tells_times(self):
        """Whether the user's code, an installed library or what tells times in the standard library calls it."""
        return self._kind(sys._getframe(2)) in ("user", "installed", "tells")

    def _kind(self, frame):
        while frame is not None:
            file = frame.f_code.co_filename
            answer = self._known.get(file)
            if answer is None:
                answer = self._known[file] = self._of(os.path.realpath(file))
            if answer != "payload":
                return answer
            frame = frame.f_back
        return "library"

    def _of(self, path):
        if path.startswith(self._ours):
            return "payload"
        if path.startswith(self._installed):
            return "installed"
        if path.startswith(self._libraries):
            return "tells" if path.endswith(TELL_TIMES) else "library"
        return "user"


def _folders(*names):
    return tuple(os.path.realpath(sysconfig.get_path(name)) + os.sep for name in names)
