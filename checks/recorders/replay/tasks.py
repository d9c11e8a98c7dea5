"""
Who does what: a process's lineage, its tasks in the order of their submission, and a stream for each that records.

A task is the main thread, a `threading.Thread`, or one call of an executor. Threads of a pool take tasks in any order;
their streams are named by the order in which the tasks were submitted, so two runs can be compared.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback

from .writer import PROBLEM, PROCESS, TEXTS, Stream

PROBLEMS_TOLD = 3
"""Errors of ours that a task records before it falls silent."""


class Task:
    """One task's stream, made when something is first recorded."""

    def __init__(self, process, ordinal, name):
        self._process, self.ordinal, self._name = process, ordinal, name
        self._stream = None
        self._problems = 0

    @property
    def stream(self):
        """The stream, or None once too much of ours has failed here."""
        if self._stream is None and self._problems < PROBLEMS_TOLD:
            self._stream = self._process.open(self.ordinal, self._name)
        return self._stream

    def problem(self, error):
        """An error of the recorder: it is told in the stream, and a trace that holds one is never identical."""
        self._problems += 1
        try:
            where = traceback.extract_tb(error.__traceback__)[-1:]
            told = "%s: %s %s" % (
                type(error).__name__,
                error,
                [(os.path.basename(at.filename), at.lineno) for at in where],
            )
            stream = self._stream or self._process.open(self.ordinal, self._name)
            stream.append(PROBLEM, name=stream.define(TEXTS, told))
        except Exception:
            self._process.failed = True
        if self._problems >= PROBLEMS_TOLD:
            self._stream = None

    def forget(self):
        """In a forked child: what was recorded belongs to the parent."""
        if self._stream is not None:
            self._stream.abandon()
        self._stream, self._problems = None, 0


class Process:
    """This process: its lineage, its tasks, the streams that are open."""

    def __init__(self, folder, lineage, algorithm, detail):
        self.folder, self.lineage = folder, lineage
        self.failed = False
        self._algorithm, self._detail = algorithm, detail
        self._streams = []
        self._children = self._tasks = self._storages = 0
        self._lock = threading.Lock()
        self._local = threading.local()
        self.main = Task(self, 0, "main")
        self._local.task = self.main

    # ------------------------------------------------------------------------------------------------- tasks

    @property
    def task(self):
        """The task that this thread works on; a thread that nobody announced has one of its own."""
        found = getattr(self._local, "task", None)
        if found is None:
            found = self._local.task = self.new_task("unannounced")
        return found

    def new_task(self, name):
        """A task with the next ordinal."""
        with self._lock:
            self._tasks += 1
            return Task(self, self._tasks, name)

    def next_storage(self):
        """An ordinal for a storage that was not seen before."""
        self._storages += 1
        return self._storages

    def work_on(self, task):
        """Make this thread work on a task; returns the one that it worked on before, or None."""
        before = getattr(self._local, "task", None)
        self._local.task = task
        return before

    def open(self, ordinal, name):
        """A new stream's file, beginning with what the process is."""
        path = os.path.join(self.folder, "streams", "%s.%d.trc" % (self.lineage, ordinal))
        stream = Stream(path, self._algorithm, self._detail)
        argv = list(getattr(sys, "argv", None) or [""])
        told = {
            "argv0": os.path.basename(argv[0]) if argv else "",
            "rank": os.environ.get("RANK", ""),
            "python": "%d.%d.%d" % sys.version_info[:3],
            "task": name,
        }
        meta = stream.define(TEXTS, json.dumps(told, sort_keys=True))
        stream.append(PROCESS, name=stream.define(TEXTS, self.lineage), meta=meta)
        with self._lock:
            self._streams.append(stream)
        return stream

    # ----------------------------------------------------------------------------------------------- processes

    def next_child(self):
        """The lineage of the next child, in order of their start."""
        with self._lock:
            number = self._children
            self._children += 1
        return "%s.%d" % (self.lineage, number)

    def before_fork(self):
        """In the parent: the number of a child that may come of it."""
        self._fork = self.next_child()

    def forked(self):
        """In the child: a process of its own, with streams of its own. Only the forking thread is left."""
        task = getattr(self._local, "task", None) or self.main
        for stream in self._streams:
            if not stream.closed:
                stream.abandon()
        self.lineage, self._streams, self._lock = self._fork, [], threading.Lock()
        self._children = self._tasks = 0
        for one in {task, self.main}:
            one._stream = None
            one.forget()
        self.main = task
        task.ordinal, task._name = 0, "main"

    def end(self):
        """Close every stream: what has no END was cut."""
        for stream in list(self._streams):
            stream.end()


def follow_threads(process, entered):
    """
    Give each thread and each call of an executor a task.

    Args:
        process: the Process.
        entered: called in each new thread with nothing, to push what is per thread; returns what to call at its end.
    """
    plain_start, plain_inner = threading.Thread.start, threading.Thread._bootstrap_inner

    def start(self):
        if getattr(self, "_auditor_task", None) is None and not _of_pool(self):
            self._auditor_task = process.new_task(type(self).__name__)
        return plain_start(self)

    def bootstrap_inner(self):
        process.work_on(
            getattr(self, "_auditor_task", None) or (None if _of_pool(self) else process.new_task("thread"))
        )
        try:
            leave = entered()
        except Exception as error:
            process.task.problem(error)
            leave = type(None)
        try:
            plain_inner(self)
        finally:
            leave()

    threading.Thread.start, threading.Thread._bootstrap_inner = start, bootstrap_inner
    _follow_executors(process)


def _of_pool(thread):
    """Whether it is a worker of an executor: how many of them start is chance, and the tasks are the calls."""
    from concurrent.futures import thread as pools

    return getattr(thread, "_target", None) is pools._worker


def _follow_executors(process):
    """Each submitted call is a task; the thread that runs it works on that task meanwhile."""
    from concurrent.futures import thread

    plain = thread.ThreadPoolExecutor.submit

    def submit(*arguments, **named):
        executor, function, *rest = arguments
        task = process.new_task(getattr(function, "__qualname__", "call"))

        def on_task(*given, **given_named):
            before = process.work_on(task)
            try:
                return function(*given, **given_named)
            finally:
                process.work_on(before)

        return plain(executor, on_task, *rest, **named)

    submit.__doc__ = plain.__doc__
    thread.ThreadPoolExecutor.submit = submit
