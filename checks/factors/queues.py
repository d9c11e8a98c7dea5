"""
Queues whose jobs one thread takes: workers that live on would each take what comes when they happen to be free.

The first thread that waits at a queue holds it until it ends; others wait at it in vain, as if they were slow. So jobs
are done one after the other, in the order in which they were put.
"""

from __future__ import annotations

import functools
import queue
import threading
import weakref
from time import monotonic, sleep

from .callers import Callers

MOMENT_SECONDS = 0.002


class Holders:
    """Which thread holds which queue, and which wait where."""

    def __init__(self):
        self._holders = weakref.WeakKeyDictionary()
        self._waiting = {}
        self._lock = threading.Lock()

    def follow(self, turns):
        """Hook waiting at a queue by the user's code; what looks without waiting is left alone. Returns itself."""
        callers, plain = Callers(), queue.Queue.get

        @functools.wraps(plain)
        def get(self_, block=True, timeout=None):
            if not (block and callers.is_users()):
                return plain(self_, block, timeout)
            thread, began = threading.current_thread(), monotonic()
            self._waiting[thread] = self_
            try:
                if not self._takes(self_, thread):
                    turns.wait(functools.partial(self._held, self_, thread, timeout))
                left = timeout if timeout is None else max(0.0, timeout - (monotonic() - began))
                return plain(self_, block, left)
            finally:
                self._waiting.pop(thread, None)

        queue.Queue.get = get
        return self

    def is_at_rest(self, thread):
        """Whether it waits at a queue that has nothing for it."""
        where = self._waiting.get(thread)
        if where is None:
            return False
        holder = self._holders.get(where)
        return where.empty() or (holder is not None and holder is not thread and holder.is_alive())

    def _takes(self, where, thread):
        with self._lock:
            holder = self._holders.get(where)
            if holder is None or not holder.is_alive():
                holder = self._holders[where] = thread
            return holder is thread

    def _held(self, where, thread, timeout, seconds):
        """
        Wait until it is held by this thread; a queue that is empty keeps nobody from anything.

        `timeout` (seconds or None) is the program's own: then it gets what it would get of an empty queue.
        """
        latest = None if timeout is None else monotonic() + timeout
        waited = 0.0
        while not self._takes(where, thread) and (latest is None or monotonic() < latest):
            sleep(MOMENT_SECONDS)
            waited = 0.0 if where.empty() else waited + MOMENT_SECONDS
            if waited > seconds:
                return False
        return True
