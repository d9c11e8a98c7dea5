"""
Names that the program draws at random: of temporary files, UUIDs, tokens of `secrets`.

They name a run and are none of its results. They are left in a file for the host, which knows a printed one by it, and
are taken out of the strings that become a tensor's content, so that a temporary folder's path does not differ.
"""

from __future__ import annotations

import contextlib
import os

MOST_NAMES = 1000
"""Most names of one process that are kept."""
LEAST_SECRET = 4
"""Bytes; a shorter token is no name."""
_open, _write, _close, _pid = os.open, os.write, os.close, os.getpid


class DrawnNames:
    """The names that this process has drawn so far."""

    def __init__(self, folder):
        self._folder = os.path.join(folder, "names")
        self._known = []

    def note(self, name):
        """A name was drawn."""
        if len(self._known) >= MOST_NAMES:
            return
        self._known.append(name.encode())
        path = os.path.join(self._folder, "%d" % _pid())
        with contextlib.suppress(OSError):  # without it a printed name counts as a result, which is safe
            file = _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            _write(file, name.encode() + b"\n")
            _close(file)

    def of_entropy(self, file, data):
        """Note the name that a file of the standard library makes from these bytes of entropy, if it makes one."""
        if file.endswith(os.sep + "uuid.py") and len(data) == 16:
            import uuid  # the caller; not imported before the program imports it

            self.note(str(uuid.UUID(bytes=data, version=4)))
        elif file.endswith(os.sep + "secrets.py") and len(data) >= LEAST_SECRET:
            self.note(data.hex())

    def without(self, text):
        """These bytes without the names in them."""
        for name in self._known:
            if name in text:
                text = text.replace(name, b"\0")
        return text


def follow_tempfile(names, tempfile):
    """Note each name that `tempfile` draws."""
    plain = tempfile._RandomNameSequence.__next__

    def drawn(self):
        name = plain(self)
        names.note(name)
        return name

    tempfile._RandomNameSequence.__next__ = drawn
