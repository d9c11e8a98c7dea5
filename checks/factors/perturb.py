"""
Factors that a running interpreter can change: order of folder listings, clock, entropy, task order, address layout.

No function here can be undone: each is for a process that was started for it. `auditor/factors/factors.py` of the host
lists the names of the factors and the causes that they stand for.
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
"""Modules that take entropy on behalf of their callers."""
POOLS = {
    ("multiprocessing.pool", "worker"): ("job", "i"),
    ("concurrent.futures.process", "_process_worker"): ("call_item",),
}
"""Main functions of pool workers, and their variables that number the current task."""
CLOCK_SHIFT_SECONDS = 400 * 86400.0


class CannotPerturb(Exception):
    """This platform does not allow the change, so a measurement would prove nothing; the message says why."""


def file_order(value):
    """Fix the order of folder listings: `reversed` (names descending) or `shuffled` (by the SHA-256 of each name)."""
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
    """In Python 3.8 to 3.10 pathlib's accessor holds both functions since pathlib was imported."""
    import pathlib

    accessor = getattr(pathlib, "_NormalAccessor", None)
    if accessor is not None:
        accessor.listdir, accessor.scandir = staticmethod(listdir), staticmethod(scandir)


def _negative(name):
    """A sort key for descending order: complemented bytes, and a longer name before its own prefix."""
    return bytes(255 - byte for byte in os.fsencode(name)) + b"\xff"


class _Listing:
    """Stands for the iterator of `os.scandir`, over entries that were read and sorted."""

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
    """`later`: `time.time` and `time_ns` are 400 days ahead; `ticking`, `stepping:S`: see fake_clock.py."""
    import time

    if value != "later":
        from . import fake_clock

        fake_clock.install(float(value.partition(":")[2]) if value.startswith("stepping:") else None)
        return
    plain, plain_ns = time.time, time.time_ns
    time.time = in_place_of(plain, lambda: plain() + CLOCK_SHIFT_SECONDS)
    time.time_ns = in_place_of(plain_ns, lambda: plain_ns() + int(CLOCK_SHIFT_SECONDS * 1e9))


def entropy(value):
    """
    Replace the system's entropy by fixed streams, and so everything in Python and NumPy that seeds itself from it.

    `fixed` chooses the streams; `fixed:1` and so on choose others.

    `random._urandom` holds the original and is replaced too. `Random()` and `seed(None)` read entropy in C, so `seed`
    is wrapped.
    """
    import random

    streams = _Streams(value)
    os.urandom = random._urandom = in_place_of(os.urandom, streams.read)
    plain = random.Random.seed

    def seed(self, a=None, version=2):
        return plain(self, int.from_bytes(streams.read(32), "big") if a is None else a, version)

    random.Random.seed = seed
    random.seed = random._inst.seed  # the module's function is a bound method of the old one
    random.seed()


class _Streams:
    """
    Pseudo-random bytes that are the same in every process: SHA-256 of a counter, one counter per requesting module.

    `multiprocessing` requests keys from its threads at any time; one counter for all would shift the program's bytes.
    """

    def __init__(self, value):
        self._counts, self._salt = {}, value.partition(":")[2]

    def read(self, size):
        asker = _asker(sys._getframe(1)) + _task(sys._getframe(1)) + (self._salt and " stream " + self._salt)
        taken, count = b"", self._counts.get(asker, 0)
        while len(taken) < size:
            taken += hashlib.sha256(b"auditor %s %d" % (asker.encode("utf-8", "replace"), count)).digest()
            count += 1
        self._counts[asker] = count
        return taken[:size]


def _asker(frame):
    """The name of the requesting module; modules that ask on behalf of others, and the payload's own, are skipped."""
    ours = __name__.partition(".")[0]
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name not in ENTROPY_MAKERS and name.partition(".")[0] != ours:
            return name
        frame = frame.f_back
    return ""


def _task(frame):
    """
    In a worker of a process pool: the number of its current task, as text; else empty.

    Which worker takes which task varies, so a task's bytes must not depend on the tasks that its process did before.
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
    """Run tasks and threads one after the other in order of submission, and return results in that order."""
    from . import task_order as in_turn

    in_turn.install()


def address_layout(_value):
    """Restart this interpreter without address space randomisation, as `setarch -R` does, unless it runs so already."""
    process = ctypes.CDLL(None, use_errno=True)
    if not hasattr(process, "personality"):
        raise CannotPerturb("address-layout: this system has no personality(2)")
    now = process.personality(ctypes.c_ulong(CURRENT_PERSONALITY))
    if now & ADDR_NO_RANDOMIZE:
        return
    if process.personality(ctypes.c_ulong(now | ADDR_NO_RANDOMIZE)) == -1:
        raise CannotPerturb("address-layout: %s" % os.strerror(ctypes.get_errno()))
    os.execv(sys.executable, [sys.executable, "-B", *sys.argv])  # noqa: S606 - the same command again


BY_NAME = {"file-order": file_order, "clock": clock, "entropy": entropy, "task-order": task_order}
"""Factors that take effect at the call; `address-layout` restarts the process, so it is applied before them."""
