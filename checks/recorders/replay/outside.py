"""Values that come in from outside: the clock, entropy, the order of listings; recorded with the user's line."""

from __future__ import annotations

import functools
import os
import sys
import threading
import time

from .writer import NAMES, OUTSIDE, SITES

VOLATILE = 1
"""The value is another one each time by its nature (a clock): that it differs is no news by itself."""
CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")


INSIDE = threading.local()
"""Whether this thread is in a watched call: what that takes for itself is not told a second time."""
MAKERS = ("random.py", "secrets.py", "uuid.py")
"""Files of the standard library that take entropy for who calls them."""


class Watch:
    """Writes the records of what came in; what a library takes for itself is left out."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes

    def comes_in(self, name, plain, flags=0, told=None):
        """A function whose result is a value from outside. `told` makes bytes of it."""

        @functools.wraps(plain)
        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            if flags & VOLATILE and not self._sites.is_users(sys._getframe(1)):
                return result  # libraries measure and log all the time
            if not self._busy():
                INSIDE.inside = True
                try:
                    of_library = name == "os.urandom" and not self._is_asked_for(sys._getframe(1))
                    self._write(name, VOLATILE if of_library else flags, result, told)
                finally:
                    INSIDE.inside = False
            return result

        return taken

    def _busy(self):
        """Whether this thread is inside a watched call already."""
        return getattr(INSIDE, "inside", False)

    def _is_asked_for(self, frame):
        """Whether the user asks for entropy, and not a library for names and keys of its own."""
        while frame is not None and os.path.basename(frame.f_code.co_filename) in MAKERS:
            frame = frame.f_back
        return frame is not None and self._sites.is_users(frame)

    def _write(self, name, flags, result, told):
        try:
            frame = self._sites.frame(3, strict=True)
            stream = self._process.task.stream
            if frame is None or stream is None:
                return
            data = told(result) if told else repr(result).encode("utf-8", "backslashreplace")
            site = stream.define(SITES, self._sites.text(frame))
            digest = 0 if flags & VOLATILE else self._digest(data)
            stream.append(OUTSIDE, flags, 0, stream.define(NAMES, name), site, digest=digest)
        except Exception as problem:
            self._process.task.problem(problem)


def follow(watch, random):
    """Clocks, entropy, listings."""
    for name in CLOCKS:
        setattr(time, name, watch.comes_in("time." + name, getattr(time, name), VOLATILE))
    os.urandom = watch.comes_in("os.urandom", os.urandom, told=bytes)
    random._urandom = os.urandom
    os.listdir = watch.comes_in("os.listdir", os.listdir)
