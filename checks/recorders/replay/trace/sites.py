"""The source line of an event: the innermost frame that is neither a library's nor the payload's."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig

from ....process.discovery import PAYLOAD
from .format import SITES, UNKNOWN_SITE, site_text

IMPORT, COMPILER = "import", "compiler"
COMPILERS = tuple(os.sep + os.path.join("torch", name, "") for name in ("_dynamo", "_inductor", "_functorch"))
AUTOGRAPH = "__autograph_generated_file"
"""AutoGraph writes code into temporary files of random names; the line of its caller is used."""
GENERATED = "<string>"
"""File name of code compiled from text: by `python -c`, or by `exec`, as dataclasses do."""


class Sites:
    """Finds the user's frame. Each code object and each file is classified once."""

    def __init__(self, roots=()):
        names = ("stdlib", "platstdlib", "purelib", "platlib")
        found = {os.path.realpath(path) for path in (sysconfig.get_path(name) for name in names) if path}
        found.add(os.path.realpath(os.path.dirname(os.__file__)))
        self._libraries = tuple(path + os.sep for path in found)
        self._ours = PAYLOAD + os.sep
        self._roots = tuple(os.path.realpath(root) + os.sep for root in roots)
        self._unread = ("<stdin>", GENERATED) if _is_given_as_text() else ("<stdin>",)
        self._mine, self._codes = {}, {}
        self._texts = {}

    def frame(self, depth=2, strict=False):
        """
        The innermost frame of the user's, starting `depth` frames outwards; None if none is on the stack.

        None too if an import is between: a library's code at its import is no operation of the user's. With `strict`
        also if torch's compiler is between, which reads entropy and listings for itself.
        """
        frame, mine = sys._getframe(depth), self._mine
        while frame is not None:
            code = frame.f_code
            answer = mine.get(code)
            if answer is None:
                answer = mine[code] = self._is_mine(code.co_filename)
            if answer is True:
                return frame
            if answer and (strict or answer == IMPORT):
                return None
            frame = frame.f_back
        return None

    def line(self, stream, known, frame):
        """
        The site id of the innermost user's line from this frame outwards; 0 if there is none.

        For hooks that run at each operation. `known` caches the ids of one stream, by code object and instruction.
        """
        codes = self._codes
        while frame is not None:
            code = frame.f_code
            key = id(code)
            whose = codes.get(key)
            if whose is None:
                whose = codes[key] = self._is_mine(code.co_filename), code  # kept alive, so that its id is not reused
            answer = whose[0]
            if answer is True:
                place = (key, frame.f_lasti)
                found = known.get(place)
                if found is None:
                    found = known[place] = stream.define(SITES, self.text(frame))
                return found
            if answer == IMPORT:
                return 0
            frame = frame.f_back
        return 0

    def caller(self, stream, frame):
        """
        The site id of the user's line in another file that called the user's code from this frame outwards.

        0 if one file of the user's alone is on the stack, and for code that runs while it is imported.
        """
        mine, file = self._mine, None
        while frame is not None:
            code = frame.f_code
            answer = mine.get(code)
            if answer is None:
                answer = mine[code] = self._is_mine(code.co_filename)
            if answer == IMPORT:
                return 0
            if answer is True:
                file = file or code.co_filename
                if code.co_filename != file:
                    return stream.define(SITES, self.text(frame))
            frame = frame.f_back
        return 0

    def here(self, process, *, strict=True, anywhere=False):
        """
        (stream of the current task, site id of the user's line) for a hook; None where nothing is recorded.

        Nothing is recorded without a user's frame on the stack. With `anywhere` it is recorded with an unknown line.
        """
        frame = self.frame(3, strict)
        stream = process.task.stream if frame is not None or anywhere else None
        return (stream, stream.define(SITES, self.text(frame))) if stream is not None else None

    def is_users(self, frame):
        """Whether this frame itself is the user's."""
        return self._is_mine(frame.f_code.co_filename) is True

    def is_generated(self, frame):
        """Whether this frame runs code that `exec` compiled from text, on behalf of its caller."""
        return frame.f_code.co_filename == GENERATED and not self.is_users(frame)

    def is_users_file(self, name):
        """Whether a file belongs to the user's program."""
        return self._is_mine(name) is True

    def _is_mine(self, name):
        if name.startswith("<frozen importlib"):
            return IMPORT
        if name.startswith("<") and name not in self._unread:
            return False  # generated code: the line of its caller is used
        if os.path.basename(name).startswith(AUTOGRAPH):
            return False
        try:
            path = os.path.realpath(name)
        except ValueError:  # no valid file name
            return False
        if any(part in path for part in COMPILERS):
            return COMPILER
        if self._roots and path.startswith(self._roots):
            return True
        parts = path.split(os.sep)
        inductor = any(part.startswith("torchinductor_") for part in parts)
        library = path.startswith((self._ours, *self._libraries))
        return not (library or inductor or "site-packages" in parts or "dist-packages" in parts)

    def text(self, frame):
        """The site text of a frame; `UNKNOWN_SITE` for None."""
        if frame is None:
            return UNKNOWN_SITE
        key = (frame.f_code, frame.f_lineno)
        told = self._texts.get(key)
        if told is None:
            code, line = key
            told = self._texts[key] = site_of(code.co_filename, line, code.co_name, frame.f_globals)
        return told


def site_of(file, line, function, module_globals=None):
    """The site text of a line of a file; `module_globals` are the frame's, for sources that only a loader can read."""
    return site_text(file, line, function, linecache.getline(file, line, module_globals).strip())


def _is_given_as_text():
    """Whether the program is the text of `python -c`, and not a worker that `multiprocessing` started that way."""
    given = getattr(sys, "argv", None) or ["-c"]
    return given[0] == "-c" and "--multiprocessing-fork" not in given
