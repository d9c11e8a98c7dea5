"""
The factor `task-order`: each task of a pool, and each thread, runs to its end before the next one starts.

A task that waits for a later one would block for ever. So each wait has a time limit, and after a few waits that
reached it the factor waits no more.
"""

from __future__ import annotations

import functools
import threading
from time import monotonic

from . import queues
from .callers import Callers

WAIT_LIMIT_SECONDS = 2.0
POLL_SECONDS = 0.002
MOST_TIMEOUTS = 5
"""Waits that may reach the limit; after them no task is waited for."""


class Turns:
    """Waits for tasks, until too many waits have reached their limit."""

    def __init__(self):
        self._left = MOST_TIMEOUTS

    def wait(self, ended):
        """Wait for one task: `ended(seconds)` waits at most so long and returns whether the task has ended."""
        if self._left and not ended(WAIT_LIMIT_SECONDS):
            self._left -= 1


def install():
    """Wrap executors, threads and processes that the user's code starts, and process pools, in this process."""
    from multiprocessing import process

    turns = Turns()
    _executors(turns)
    _started(turns, threading.Thread, queues.QueueHolders().follow(turns).is_at_rest)
    _started(turns, process.BaseProcess)
    _pools()


class _InOrder(set):
    """A set that iterates in insertion order."""

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
    """Wrap `start` of threads or processes: it returns when the started one has ended, or is idle at a queue."""
    callers, plain = Callers(), kind.start

    @functools.wraps(plain)
    def start(self):
        plain(self)
        if callers.is_users():
            turns.wait(functools.partial(_ended, self, is_at_rest))

    kind.start = start


def _ended(one, is_at_rest, seconds):
    """Wait at most `seconds`; whether the thread or process has ended or is idle at a queue."""
    latest = monotonic() + seconds
    while monotonic() < latest:
        one.join(POLL_SECONDS)
        if not one.is_alive() or is_at_rest(one):
            return True
    return False


def _pools():
    from multiprocessing import pool

    pool.Pool.imap_unordered = pool.Pool.imap
