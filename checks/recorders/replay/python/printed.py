"""
Which process printed which line: a digest of each line that goes through `sys.stdout`, in the order of this process.

Lines of several processes (ranks, workers) come in the order of chance, those of one process in its own order. The
host puts them side by side by these digests. Text is not kept. What C code, `sys.stdout.buffer` and programs other
than Python print is not seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys

FOLDER = "said"
DIGEST_BYTES = 8
AT_ONCE, TOGETHER = 1000, 64
"""So many lines are noted as they come, since a worker may be killed; those after in groups."""
_open, _write, _close = os.open, os.write, os.close


class Printed:
    """The lines that this process prints."""

    def __init__(self, process, folder):
        self._process, self._folder = process, os.path.join(folder, FOLDER)
        self._forget()

    def _forget(self):
        self._line, self._begun = hashlib.blake2b(digest_size=DIGEST_BYTES), False
        self._waiting, self._count = [], 0

    def follow(self):
        """Wrap `write` of this process's `sys.stdout`, which `print` and `logging` call."""
        stream = sys.stdout
        if stream is None or not hasattr(stream, "__dict__"):
            return
        plain = stream.write
        os.register_at_fork(after_in_child=self._forget)

        def write(text):
            count = plain(text)
            try:
                self._take(text.encode(stream.encoding, stream.errors))  # both may be changed at any time
            except Exception as problem:  # nothing of the recorder may reach the program
                self._process.problem(problem)
            return count

        stream.write = write

    def _take(self, data):
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._line.update(part)
            self._waiting.append(self._line.digest())
            self._line, self._begun = hashlib.blake2b(digest_size=DIGEST_BYTES), False
        if rest:
            self._line.update(rest)
            self._begun = True
        if whole and (self._count < AT_ONCE or len(self._waiting) >= TOGETHER):
            self._note()

    def end(self):
        """Note what is left, a line without its end too."""
        if self._begun:
            self._waiting.append(self._line.digest())
            self._begun = False
        self._note()

    def _note(self):
        waiting, self._waiting = self._waiting, []
        self._count += len(waiting)
        if not waiting:
            return
        path = os.path.join(self._folder, self._process.lineage)
        with contextlib.suppress(OSError):  # without it the lines are compared as they came
            file = _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            _write(file, b"".join(waiting))
            _close(file)
