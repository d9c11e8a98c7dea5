"""Records values that come from outside the program: clocks, entropy, folder listings."""

from __future__ import annotations

import os
import sys
import threading
import time

from ....factors.wrappers import in_place_of
from ..trace import digests
from ..trace.format import METAS, NAMES, OUTSIDE, VOLATILE

CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
PROCESS_NUMBERS = ("getpid", "getppid")
"""Recorded as clocks are: that the program read its process id, not the id."""

INSIDE = threading.local()
"""`INSIDE.inside` is true while this thread is in a recorded call, whose own draws and reads are not recorded."""
MAKERS = tuple(os.sep + name for name in ("random.py", "secrets.py", "uuid.py"))
"""Files of the standard library that read entropy on behalf of their callers."""
LISTERS = ("os.py", "glob.py", "pathlib.py", *(os.path.join("pathlib", one) for one in ("_local.py", "__init__.py")))
LISTERS = ("<frozen os>", *(os.sep + name for name in LISTERS))
"""Files of the standard library that list folders on behalf of their callers."""


class OutsideRecorder:
    """Writes OUTSIDE records. What a library reads for its own purposes is not recorded."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes

    def clock(self, name, plain):
        """Wrap a clock: record that it was read, not its value."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._taken(name, VOLATILE, sys._getframe(1))
            return result

        return in_place_of(plain, taken)

    def entropy(self, name, plain):
        """Wrap a function that returns bytes of the system's entropy."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._taken(name, 0, sys._getframe(1), result)
            return result

        return in_place_of(plain, taken)

    def listing(self, name, plain, plain_listdir):
        """Wrap a function that lists a folder. If it returns an iterator, the folder is listed once more."""

        def taken(*arguments, **named):
            result = plain(*arguments, **named)
            self._listed(name, result, plain_listdir, arguments, named)
            return result

        return in_place_of(plain, taken)

    def _taken(self, name, flags, frame, result=b""):
        """Record a read of a clock or of entropy. Clocks that a library reads are not recorded."""
        if getattr(INSIDE, "inside", False):
            return
        INSIDE.inside = True
        try:
            if flags & VOLATILE:
                if asked_by_user(self._sites, frame, ()):
                    self._write(name, flags)
                return
            self._process.names.of_entropy(_maker(frame), bytes(result))
            if asked_by_user(self._sites, frame, MAKERS):
                self._write(name, flags, self._digest(bytes(result)))
            else:  # a library makes names and keys of its own
                self._write(name, flags | VOLATILE, inside=library_function(frame, MAKERS))
        except Exception as problem:
            self._process.problem(problem)
        finally:
            INSIDE.inside = False

    def _listed(self, name, result, plain_listdir, arguments, named):
        if getattr(INSIDE, "inside", False):
            return
        INSIDE.inside = True
        self._process.looked_for.note((arguments[0] if arguments else named.get("path")) or ".")
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

    def _write(self, name, flags, digest=0, extra=0, inside=""):
        place = self._sites.here(self._process)
        if place is not None:
            stream, site = place
            meta = stream.define(METAS, inside) if inside else 0
            stream.append(OUTSIDE, flags, 0, stream.define(NAMES, name), site, meta, digest, extra)


def _maker(frame):
    """The file of the standard library that the user's code called: `secrets` draws through `random`."""
    file = ""
    while frame is not None and frame.f_code.co_filename.endswith(MAKERS):
        file, frame = frame.f_code.co_filename, frame.f_back
    return file


def asked_by_user(sites, frame, files):
    """Whether the user's code calls, directly or through these files of the standard library."""
    while frame is not None and (frame.f_code.co_filename.endswith(files) or sites.is_generated(frame)):
        frame = frame.f_back
    return frame is not None and sites.is_users(frame)


def library_function(frame, files):
    """The function of a library that asked, directly or through these files of the standard library."""
    while frame.f_back is not None and frame.f_code.co_filename.endswith(files):
        frame = frame.f_back
    code = frame.f_code
    return "%s.%s" % (frame.f_globals.get("__name__", "?"), getattr(code, "co_qualname", code.co_name))


def follow(recorder, random):
    """Wrap clocks, entropy and folder listings."""
    for name in CLOCKS:
        setattr(time, name, recorder.clock("time." + name, getattr(time, name)))
    os.urandom = recorder.entropy("os.urandom", os.urandom)
    random._urandom = os.urandom
    plain = os.listdir
    for name in ("listdir", "scandir"):
        setattr(os, name, recorder.listing("os." + name, getattr(os, name), plain))


def follow_process_number(recorder):
    """Wrap `os.getpid` and `os.getppid`. Only in the tier `lines`: programs use the id to signal themselves."""
    for name in PROCESS_NUMBERS:
        setattr(os, name, recorder.clock("os." + name, getattr(os, name)))
