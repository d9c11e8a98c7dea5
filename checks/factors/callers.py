"""Tells whether the user's code or a library calls a function that the payload has replaced."""

from __future__ import annotations

import os
import sys
import sysconfig

from ..process.discovery import PAYLOAD


class Callers:
    """Classifies the calling frame by its file; frames of the payload, which pass calls on, are skipped."""

    def __init__(self):
        names = ("stdlib", "platstdlib", "purelib", "platlib")
        self._libraries = tuple(os.path.realpath(sysconfig.get_path(name)) + os.sep for name in names)
        self._ours = PAYLOAD + os.sep
        self._known = {}

    def is_users(self):
        """Whether the user's code calls the function that calls this one."""
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            answer = self._known.get(file)
            if answer is None:
                answer = self._known[file] = self._of(os.path.realpath(file))
            if answer != "payload":
                return answer == "user"
            frame = frame.f_back
        return False

    def _of(self, path):
        if path.startswith(self._ours):
            return "payload"
        return "library" if path.startswith(self._libraries) else "user"
