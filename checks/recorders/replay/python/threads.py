"""Makes each thread, and each call of an executor, a task, in order of start or submission."""

from __future__ import annotations

import functools
import threading


def follow(process, entered):
    """
    Wrap threads and executors so that each thread and each call has a task.

    Args:
        process: the Process.
        entered: called without arguments in each new thread, to install hooks that are per thread; returns the
            function to call at the thread's end.
    """
    threads = Threads(process, entered)
    plain_start, plain_inner = threading.Thread.start, threading.Thread._bootstrap_inner

    @functools.wraps(plain_start)
    def start(self):
        threads.announce(self)
        try:
            return plain_start(self)
        except BaseException:
            threads.withdraw(self)
            raise

    def bootstrap_inner(self):
        leave = threads.enter(self)
        try:
            plain_inner(self)
        finally:
            threads.leave(leave)

    threading.Thread.start, threading.Thread._bootstrap_inner = start, bootstrap_inner
    _follow_executors(process)


class Threads:
    """The bodies of the hooks. Their exceptions become problems."""

    def __init__(self, process, entered):
        self._process, self._entered = process, entered
        self._announced = {}
        """Tasks of threads that are being started, by the id of the Thread object."""

    def announce(self, thread):
        """A thread is about to start."""
        try:
            if id(thread) not in self._announced and not _of_pool(thread):
                self._announced[id(thread)] = self._process.new_task(type(thread).__name__)
        except Exception as error:
            self._process.problem(error)

    def withdraw(self, thread):
        """The thread could not be started."""
        self._announced.pop(id(thread), None)

    def enter(self, thread):
        """The thread has started. Returns the argument of `leave`."""
        process = self._process
        try:
            task = self._announced.pop(id(thread), None)
            process.work_on(task or (None if _of_pool(thread) else process.new_task("thread")))
            return self._entered()
        except Exception as error:
            process.problem(error)
            return None

    def leave(self, leave):
        """The thread ends: close its task."""
        try:
            if leave is not None:
                leave()
            self._process.leave_task()
        except Exception as error:
            self._process.problem(error)


def _of_pool(thread):
    """Whether a thread is an executor's worker. It is no task: the number of workers varies; each call is a task."""
    from concurrent.futures import thread as pools

    return getattr(thread, "_target", None) is pools._worker


def _follow_executors(process):
    """Wrap `ThreadPoolExecutor.submit`: each submitted call is a task."""
    from concurrent.futures import thread

    plain = thread.ThreadPoolExecutor.submit

    @functools.wraps(plain)
    def submit(*arguments, **named):
        if len(arguments) < 2:  # an invalid call: let it raise its own error
            return plain(*arguments, **named)
        executor, function, *rest = arguments
        try:
            call = _SubmittedCall(process, function)
        except Exception as error:
            process.problem(error)
            call = function
        return plain(executor, call, *rest, **named)

    thread.ThreadPoolExecutor.submit = submit


class _SubmittedCall:
    """A call that was submitted to an executor; its task is current while it runs."""

    def __init__(self, process, function):
        self._process, self._function = process, function
        name = getattr(function, "__qualname__", "call")
        self._task = process.new_task(name if type(name) is str else "call")

    def __call__(self, *arguments, **named):
        before = self._enter()
        try:
            return self._function(*arguments, **named)
        finally:
            self._leave(before)

    def _enter(self):
        try:
            return self._process.work_on(self._task)
        except Exception as error:
            self._process.problem(error)
            return None

    def _leave(self, before):
        try:
            self._process.work_on(before)
            self._task.finish()
        except Exception as error:
            self._process.problem(error)
