"""Values that come in from outside: the clock, entropy, the order of listings; recorded with the user's line."""

from __future__ import annotations

import os
import sys
import threading
import time

from ....factors.wrappers import in_place_of
from ..trace import digests
from ..trace.format import NAMES, OUTSIDE, VOLATILE

CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
PROCESS_NUMBERS = ("getpid", "getppid")
"""As clocks: that the program took it, not which it is."""

INSIDE = threading.local()
"""Whether this thread is in a watched call: what that takes for itself is not told a second time."""
MAKERS = tuple(os.sep + name for name in ("random.py", "secrets.py", "uuid.py"))
"""Files of the standard library that take entropy for who calls them."""
LISTERS = ("os.py", "glob.py", "pathlib.py", *(os.path.join("pathlib", one) for one in ("_local.py", "__init__.py")))
LISTERS = ("<frozen os>", *(os.sep + name for name in LISTERS))
"""Files of the standard library that list folders for who calls them."""


class Watch:
    """Writes the records of what came in; what a library takes for itself is left out."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes

    def clock(self, name, plain):
        """A clock: that it was read, not what it said."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._taken(name, VOLATILE, sys._getframe(1))
            return result

        return in_place_of(plain, taken)

    def entropy(self, name, plain):
        """A function that gives bytes of the system's entropy."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._taken(name, 0, sys._getframe(1), result)
            return result

        return in_place_of(plain, taken)

    def listing(self, name, plain, plain_listdir):
        """A function that lists a folder; what it gives may be an iterator, so the folder is listed once more."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._listed(name, result, plain_listdir, arguments, named)
            return result

        return in_place_of(plain, taken)

    def _taken(self, name, flags, frame, result=b""):
        """Of clocks only what the user's own code reads: libraries measure and log all the time."""
        if getattr(INSIDE, "inside", False):
            return
        INSIDE.inside = True
        try:
            if flags & VOLATILE:
                if asked_by_user(self._sites, frame, ()):
                    self._write(name, flags)
            elif asked_by_user(self._sites, frame, MAKERS):
                self._write(name, flags, self._digest(bytes(result)))
            else:
                self._write(name, flags | VOLATILE)  # a library takes it for names and keys of its own
        except Exception as problem:
            self._process.problem(problem)
        finally:
            INSIDE.inside = False

    def _listed(self, name, result, plain_listdir, arguments, named):
        if getattr(INSIDE, "inside", False):
            return
        INSIDE.inside = True
        try:
            if isinstance(result, list):
                names = result
            elif asked_by_user(self._sites, sys._getframe(2), LISTERS):
                path = arguments[0] if arguments else named.get("path", ".")
                if isinstance(path, int):
                    return  # to list an open folder again would move its position
                names = plain_listdir("." if path is None else path)
            else:
                return
            names = [os.fsencode(one) for one in names]
            of_set = digests.mixed([self._digest(one) for one in sorted(names)])
            self._write(name, 0, digests.mixed([self._digest(one) for one in names]), of_set)
        except Exception as problem:
            self._process.problem(problem)
        finally:
            INSIDE.inside = False

    def _write(self, name, flags, digest=0, extra=0):
        place = self._sites.here(self._process)
        if place is not None:
            stream, site = place
            stream.append(OUTSIDE, flags, 0, stream.define(NAMES, name), site, digest=digest, extra=extra)


def asked_by_user(sites, frame, files):
    """Whether the user asks, through files of the standard library or directly, and not a library for itself."""
    while frame is not None and (frame.f_code.co_filename.endswith(files) or sites.is_generated(frame)):
        frame = frame.f_back
    return frame is not None and sites.is_users(frame)


def follow(watch, random):
    """Clocks, entropy, listings."""
    for name in CLOCKS:
        setattr(time, name, watch.clock("time." + name, getattr(time, name)))
    os.urandom = watch.entropy("os.urandom", os.urandom)
    random._urandom = os.urandom
    plain = os.listdir
    for name in ("listdir", "scandir"):
        setattr(os, name, watch.listing("os." + name, getattr(os, name), plain))


def follow_process_number(watch):
    """Only where statements are followed: a program that ends itself by a signal takes it to do so."""
    for name in PROCESS_NUMBERS:
        setattr(os, name, watch.clock("os." + name, getattr(os, name)))
