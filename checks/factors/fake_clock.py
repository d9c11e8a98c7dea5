"""
The factor `clock=ticking`: clocks that start at a fixed time and advance by a millisecond with each call.

A frozen clock would hang `while clock() < end`. Only the user's code gets these clocks: libraries measure time limits.

`clock=stepping:S` shows which printed numbers are times: it advances by S seconds with each call, for each thread
alone, and libraries get it as well, but not the standard library's waits. A duration is proportional to S, a rate to
1/S.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time

from .callers import Callers
from .wrappers import in_place_of

FROM_SECONDS = 1.7e9
"""Unix time of the first call: 14 November 2023."""
STEP_SECONDS = 0.001
GREGORIAN_100NS = 0x01B21DD213814000
"""From 15 October 1582, where UUID timestamps begin, to 1 January 1970, in units of 100 ns (RFC 9562)."""


class Ticks:
    """The clock, and the classifier of its callers."""

    def __init__(self):
        self.is_meant = Callers().is_users
        self._calls = 0

    def now(self):
        """The time in seconds, a millisecond after the last call's."""
        self._calls += 1
        return FROM_SECONDS + self._calls * STEP_SECONDS


class Steps(threading.local):
    """The clock of each thread: what other threads do in the meantime does not change it."""

    def __init__(self, start, seconds):
        self.is_meant = Callers().tells_times
        self._start, self._seconds, self._calls = start, seconds, 0

    def now(self):
        """The time in seconds, one step after the thread's last call."""
        self._calls += 1
        return self._start + self._calls * self._seconds


def install(step=None):
    """Replace the clocks of `time`, `datetime` and `uuid` in this process; `step` in seconds, None for `ticking`."""
    ticks = Ticks() if step is None else Steps(time.time(), step)  # from now on: folders are named by the day
    _time(ticks)
    _datetime(ticks)
    _uuid(ticks)


def _time(ticks):
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        for suffix in ("", "_ns"):
            if hasattr(time, name + suffix):
                setattr(time, name + suffix, _clock(ticks, getattr(time, name + suffix), bool(suffix)))
    local = time.localtime
    for name, place in (("localtime", 0), ("gmtime", 0), ("ctime", 0), ("asctime", 0), ("strftime", 1)):
        moment = local if name in ("asctime", "strftime") else float
        setattr(time, name, _of_now(ticks, getattr(time, name), place, moment))


def _clock(ticks, plain, in_nanoseconds):
    def read():
        if not ticks.is_meant():
            return plain()
        return int(ticks.now() * 1e9) if in_nanoseconds else ticks.now()

    return in_place_of(plain, read)


def _of_now(ticks, plain, place, moment):
    """Wraps a function whose argument at `place` defaults to now; `moment` converts seconds to that argument."""

    def told(*given):
        is_told = len(given) > place and given[place] is not None
        if is_told or not ticks.is_meant():
            return plain(*given)
        return plain(*given[:place], moment(ticks.now()))

    return in_place_of(plain, told)


def _datetime(ticks):
    """
    Replace `datetime.now`, `utcnow` and `date.today` inside the C classes, which stay the same objects.

    A subclass would break `type(x) is datetime` and pickling. The garbage collector gives the writable dictionary of a
    C type.
    """
    import datetime

    def now(cls, tz=None):
        return cls.fromtimestamp(ticks.now(), tz) if ticks.is_meant() else plain["now"].__get__(None, cls)(tz)

    def utcnow(cls):
        if not ticks.is_meant():
            return plain["utcnow"].__get__(None, cls)()
        return cls.fromtimestamp(ticks.now(), datetime.timezone.utc).replace(tzinfo=None)

    def today(cls):
        return cls.fromtimestamp(ticks.now()) if ticks.is_meant() else plain["today"].__get__(None, cls)()

    plain = {}
    for kind, functions in ((datetime.datetime, (now, utcnow)), (datetime.date, (today,))):
        dictionary = next(one for one in gc.get_referents(kind.__dict__) if type(one) is dict)
        for function in functions:
            plain[function.__name__] = dictionary[function.__name__]
            dictionary[function.__name__] = classmethod(function)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _uuid(ticks):
    """Replace `uuid1`: the fake clock, with a fixed node and clock sequence."""
    import uuid

    plain = uuid.uuid1

    def uuid1(node=None, clock_seq=None):
        if not ticks.is_meant():
            return plain(node, clock_seq)
        stamp = int(ticks.now() * 1e9) // 100 + GREGORIAN_100NS
        sequence = clock_seq or 0
        high = (stamp >> 48) & 0x0FFF
        fields = stamp & 0xFFFFFFFF, (stamp >> 32) & 0xFFFF, high, (sequence >> 8) & 0x3F, sequence & 0xFF, node or 1
        return uuid.UUID(fields=fields, version=1)

    uuid.uuid1 = in_place_of(plain, uuid1)
