"""
What a running interpreter can change about its surroundings: the order of listings, the clock, entropy, tasks.

Each function changes the process for good, and is meant for one that was started for it. Their names as factors, and
what a difference under each is called, stand in the host's `auditor/factors/factors.py`.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys

from .wrappers import in_place_of

ADDR_NO_RANDOMIZE = 0x0040000
"""The flag's number in Linux's personality.h."""
CURRENT_PERSONALITY = 0xFFFFFFFF
ENTROPY_MAKERS = ("random", "secrets", "uuid", "numpy.random", "numpy.random.bit_generator")
"""Modules that take entropy for who calls them."""
POOLS = {
    ("multiprocessing.pool", "worker"): ("job", "i"),
    ("concurrent.futures.process", "_process_worker"): ("call_item",),
}
"""Functions in which the workers of a pool spend their lives, and the variables that number the task at work."""
CLOCK_SHIFT_SECONDS = 400 * 86400.0


class CannotPerturb(Exception):
    """This platform or its limits do not allow the change; measuring without it would prove nothing."""


def file_order(value):
    """Make folder listings come sorted, and then `reversed` or `shuffled` (by a digest of each name)."""
    keys = {"reversed": _negative, "shuffled": lambda name: hashlib.sha256(os.fsencode(name)).digest()}
    key, plain_listdir, plain_scandir = keys[value], os.listdir, os.scandir

    def listdir(path="."):
        return sorted(plain_listdir(path), key=key)

    def scandir(path="."):
        with plain_scandir(path) as entries:
            return _Listing(sorted(entries, key=lambda entry: key(entry.name)))

    listdir, scandir = in_place_of(plain_listdir, listdir), in_place_of(plain_scandir, scandir)
    os.listdir, os.scandir = listdir, scandir
    for module in [module for name, module in list(sys.modules.items()) if name in ("glob", "pathlib", "shutil")]:
        for name, plain, other in (("listdir", plain_listdir, listdir), ("scandir", plain_scandir, scandir)):
            if getattr(module, name, None) is plain:
                setattr(module, name, other)
    _pathlib_before_311(listdir, scandir)


def _pathlib_before_311(listdir, scandir):
    """Python 3.8 to 3.10 keep both functions in pathlib's accessor, taken when pathlib was loaded."""
    import pathlib

    accessor = getattr(pathlib, "_NormalAccessor", None)
    if accessor is not None:
        accessor.listdir, accessor.scandir = staticmethod(listdir), staticmethod(scandir)


def _negative(name):
    """A key that sorts names the other way round: bytes complemented, a longer name before its own beginning."""
    return bytes(255 - byte for byte in os.fsencode(name)) + b"\xff"


class _Listing:
    """What `os.scandir` returns, over entries that were read and sorted."""

    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self._entries = iter(())


def clock(value):
    """Make `time.time` and its relatives `later` by 400 days, or all clocks of Python `ticking` (`ticking.py`)."""
    import time

    if value == "ticking":
        from . import fake_clock

        fake_clock.install()
        return
    plain, plain_ns = time.time, time.time_ns
    time.time = in_place_of(plain, lambda: plain() + CLOCK_SHIFT_SECONDS)
    time.time_ns = in_place_of(plain_ns, lambda: plain_ns() + int(CLOCK_SHIFT_SECONDS * 1e9))


def entropy(_value):
    """
    Make the system's entropy fixed streams, and with it everything that seeds itself from it in Python and NumPy.

    `random._urandom` keeps the original and is set too; `Random()` and `seed(None)` seed in C, so `seed` is wrapped.
    """
    import random

    streams = _Streams()
    os.urandom = random._urandom = in_place_of(os.urandom, streams.read)
    plain = random.Random.seed

    def seed(self, a=None, version=2):
        return plain(self, int.from_bytes(streams.read(32), "big") if a is None else a, version)

    random.Random.seed = seed
    random.seed = random._inst.seed  # the module's function was bound before
    random.seed()


class _Streams:
    """
    Bytes that look random and are the same in every process: sha256 of a counter, one for each module that asks.

    Threads of `multiprocessing` ask for keys of their own at any time; that must not move what the program gets.
    """

    def __init__(self):
        self._counts = {}

    def read(self, size):
        asker = _asker(sys._getframe(1)) + _task(sys._getframe(1))
        taken, count = b"", self._counts.get(asker, 0)
        while len(taken) < size:
            taken += hashlib.sha256(b"auditor %s %d" % (asker.encode("utf-8", "replace"), count)).digest()
            count += 1
        self._counts[asker] = count
        return taken[:size]


def _asker(frame):
    """The name of the module that asks, past those that ask for others and past ours."""
    ours = __name__.partition(".")[0]
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name not in ENTROPY_MAKERS and name.partition(".")[0] != ours:
            return name
        frame = frame.f_back
    return ""


def _task(frame):
    """
    Of a worker of a pool of processes, which task it does: one after the other takes what is next, so which is chance.

    What a task gets must not hang on which were done before it in the same process.
    """
    while frame is not None:
        names = POOLS.get((frame.f_globals.get("__name__"), frame.f_code.co_name))
        if names:
            local = frame.f_locals
            told = [getattr(local.get(name), "work_id", local.get(name)) for name in names]
            return " of task " + " ".join(str(one) for one in told if isinstance(one, int))
        frame = frame.f_back
    return ""


def task_order(_value):
    """Run tasks and threads one after the other as they are submitted, and hand results back in that order."""
    from . import task_order as in_turn

    in_turn.install()


def address_layout(_value):
    """Start this interpreter again without address randomisation, if it has it: what `setarch -R` does."""
    process = ctypes.CDLL(None, use_errno=True)
    if not hasattr(process, "personality"):
        raise CannotPerturb("address-layout: this system has no personality(2)")
    now = process.personality(ctypes.c_ulong(CURRENT_PERSONALITY))
    if now & ADDR_NO_RANDOMIZE:
        return
    if process.personality(ctypes.c_ulong(now | ADDR_NO_RANDOMIZE)) == -1:
        raise CannotPerturb("address-layout: %s" % os.strerror(ctypes.get_errno()))
    os.execv(sys.executable, [sys.executable, "-B", *sys.argv])  # noqa: S606 - itself, as it was started


BY_NAME = {"file-order": file_order, "clock": clock, "entropy": entropy, "task-order": task_order}
"""Those that take effect from here on; `address-layout` starts the process again and comes first."""
