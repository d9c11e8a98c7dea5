"""The user's own line under which something happened: the innermost frame that is neither a library's nor ours."""

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
"""Code that AutoGraph has written lies in temporary files of random names: the line is that of its caller."""
GENERATED = "<string>"
"""Code from a text: what `python -c` was given, else what `exec` was, as by `dataclass`; such lines are in no file."""


class Sites:
    """Finds the user's frame quickly: whether a code object is the user's is asked once."""

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
        The innermost frame of the user's, counted from the caller's caller; None if none is on the stack.

        None too where an import stands between: what a library does while it is imported looks like the user's. With
        `strict`, also where a compiler of torch is at work: it asks for entropy and listings for itself.
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
        The id of the user's line from this frame on outwards; 0 of none. `known` holds those that the stream has.

        For hooks that run at each operation: a code object is asked once whose it is, and known by its id from then on.
        """
        codes = self._codes
        while frame is not None:
            code = frame.f_code
            key = id(code)
            whose = codes.get(key)
            if whose is None:
                whose = codes[key] = self._is_mine(code.co_filename), code  # held, so that its id stays its own
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

    def here(self, process, *, strict=True, anywhere=False):
        """
        Where a hook is: the stream of its task, and the id of the user's line in it; None where nothing is recorded.

        That is where no frame of the user's is on the stack; with `anywhere` the line is unknown then.
        """
        frame = self.frame(3, strict)
        stream = process.task.stream if frame is not None or anywhere else None
        return (stream, stream.define(SITES, self.text(frame))) if stream is not None else None

    def is_users(self, frame):
        """Whether this very frame is the user's."""
        return self._is_mine(frame.f_code.co_filename) is True

    def is_generated(self, frame):
        """Whether this very frame runs code from a text, for whoever called it."""
        return frame.f_code.co_filename == GENERATED and not self.is_users(frame)

    def is_users_file(self, name):
        """Whether a file is the user's."""
        return self._is_mine(name) is True

    def _is_mine(self, name):
        if name.startswith("<frozen importlib"):
            return IMPORT
        if name.startswith("<") and name not in self._unread:
            return False  # generated code: the line is that of its caller
        if os.path.basename(name).startswith(AUTOGRAPH):
            return False
        try:
            path = os.path.realpath(name)
        except ValueError:  # no file of this name can be
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
        """File, line, function and code of a frame, with tabs between."""
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
    """Whether the program is that of `python -c`; workers that `multiprocessing` starts so run a file's."""
    given = getattr(sys, "argv", None) or ["-c"]
    return given[0] == "-c" and "--multiprocessing-fork" not in given
