"""The reply file: one JSON line per answer, appended whole, so that a crash loses nothing before it."""

from __future__ import annotations

import json
import os
import traceback

from ..encode import portable

TRACEBACK_CHARACTERS = 4000
"""The end of a traceback that travels with an error: enough for the guilty lines, small enough for a manifest."""


class ReplyFile:
    """Appends tagged lines; in a forked child it ends the child, whose lines would pass as the parent's."""

    def __init__(self, path):
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._process = os.getpid()

    def line(self, tag, **fields):
        """Append one line with a tag and fields; all values become portable."""
        if os.getpid() != self._process:
            os._exit(0)
        text = json.dumps(portable(dict(fields, tag=tag)), allow_nan=False) + "\n"
        data = text.encode("utf-8")
        while data:
            data = data[os.write(self._handle, data) :]

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
