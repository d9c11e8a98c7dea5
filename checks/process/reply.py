"""The reply file: one JSON line per answer, written at once, so that a crash loses no earlier answer."""

from __future__ import annotations

import json
import os
import traceback

from ..encode import portable

TRACEBACK_CHARACTERS = 4000
"""Length of the traceback's end that an error line keeps."""


class ReplyFile:
    """Appends tagged lines. A forked child that appends one is ended: the host would take it for its parent."""

    def __init__(self, path):
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._process = os.getpid()

    def line(self, tag, **fields):
        """Append one line of a tag and fields, encoded by `portable`."""
        if os.getpid() != self._process:
            os._exit(0)
        text = json.dumps(portable(dict(fields, tag=tag)), allow_nan=False) + "\n"
        data = text.encode("utf-8")
        while data:
            data = data[os.write(self._handle, data) :]

    def close(self):
        """Close the file."""
        os.close(self._handle)

    def error(self, problem, **fields):
        """Append an `error` line for an exception or a text."""
        if isinstance(problem, BaseException):
            lines = traceback.format_exception(type(problem), problem, problem.__traceback__)
            fields.update(
                error=type(problem).__name__, message=str(problem), traceback="".join(lines)[-TRACEBACK_CHARACTERS:]
            )
        else:
            fields.update(error="Error", message=problem, traceback="")
        self.line("error", **fields)
