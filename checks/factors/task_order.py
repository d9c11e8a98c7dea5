"""
Tasks one after the other: what a pool or a thread is given runs to its end before the next is given.

A task that waits for a later one would never end so; after a moment the program goes on, and after a few such moments
nothing is waited for any more.
"""

from __future__ import annotations

import functools
import threading
from time import monotonic

from . import queues
from .callers import Callers

PATIENCE_SECONDS = 2.0
MOMENT_SECONDS = 0.002
MOST_MOMENTS = 5
"""So often a task that does not end is waited for."""


class Turns:
    """Waits for tasks, as long as that leads somewhere."""

    def __init__(self):
        self._left = MOST_MOMENTS

    def wait(self, ended):
        """`ended(seconds)` waits and says whether the task has ended."""
        if self._left and not ended(PATIENCE_SECONDS):
            self._left -= 1


def install():
    """For this process: executors, threads and processes that the user's code starts, and pools of processes."""
    from multiprocessing import process

    turns = Turns()
    _executors(turns)
    _started(turns, threading.Thread, queues.Holders().follow(turns).is_at_rest)
    _started(turns, process.BaseProcess)
    _pools()


class _InOrder(set):
    """A set that gives its elements in the order in which it was given them."""

    def __init__(self, items=()):
        self._items = list(items)
        super().__init__(self._items)

    def __iter__(self):
        return iter([item for item in self._items if item in self])


def _executors(turns):
    from concurrent import futures
    from concurrent.futures import _base, process, thread

    plain_wait, plain_completed = futures.wait, futures.as_completed

    def in_turn(plain):
        def submit(*arguments, **named):
            future = plain(*arguments, **named)
            turns.wait(lambda seconds: bool(plain_wait([future], seconds).done))
            return future

        return submit

    def as_completed(fs, timeout=None):
        given = list(dict.fromkeys(fs))
        for _ in plain_completed(given, timeout):
            pass
        return iter(given)

    def wait(fs, timeout=None, return_when=futures.ALL_COMPLETED):
        given = list(dict.fromkeys(fs))
        done, not_done = plain_wait(given, timeout, return_when)
        parts = [future for future in given if future in done], [future for future in given if future in not_done]
        return _base.DoneAndNotDoneFutures(*map(_InOrder, parts))

    for kind in (thread.ThreadPoolExecutor, process.ProcessPoolExecutor):
        kind.submit = in_turn(kind.submit)
    for module in (futures, _base):
        module.as_completed, module.wait = as_completed, wait


def _started(turns, kind, is_at_rest=lambda _one: False):
    """What is begun by `start` and waited for by `join`, unless it waits itself for what is still to come."""
    callers, plain = Callers(), kind.start

    @functools.wraps(plain)
    def start(self):
        plain(self)
        if callers.is_users():
            turns.wait(functools.partial(_ended, self, is_at_rest))

    kind.start = start


def _ended(one, is_at_rest, seconds):
    """Wait for at most so long; whether it has ended or is at rest."""
    latest = monotonic() + seconds
    while monotonic() < latest:
        one.join(MOMENT_SECONDS)
        if not one.is_alive() or is_at_rest(one):
            return True
    return False


def _pools():
    from multiprocessing import pool

    pool.Pool.imap_unordered = pool.Pool.imap
