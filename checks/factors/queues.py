"""
The factor `task-order` at queues: one thread takes all jobs of a queue, so they run in the order of submission.

The first thread that waits at a queue holds it until it ends; other threads wait meanwhile, as if they were slow.
Without this, which of several workers takes a job depends on which is free.
"""

from __future__ import annotations

import functools
import queue
import threading
import weakref
from time import monotonic, sleep

from .callers import Callers

POLL_SECONDS = 0.002


class QueueHolders:
    """Which thread holds each queue, and at which queue each thread waits."""

    def __init__(self):
        self._holders = weakref.WeakKeyDictionary()
        self._waiting = {}
        self._lock = threading.Lock()

    def follow(self, turns):
        """Wrap `Queue.get` for blocking calls of the user's code; other calls are unchanged. Returns itself."""
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
        """Whether the thread waits at a queue that is empty or held by another living thread."""
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
        Wait until this thread holds the queue; False if it gave up after `seconds` of waiting.

        Time at an empty queue does not count. After the program's own `timeout` (seconds or None) the wait ends too,
        and the program sees an empty queue.
        """
        latest = None if timeout is None else monotonic() + timeout
        waited = 0.0
        while not self._takes(where, thread) and (latest is None or monotonic() < latest):
            sleep(POLL_SECONDS)
            waited = 0.0 if where.empty() else waited + POLL_SECONDS
            if waited > seconds:
                return False
        return True
