"""
Who does what: a process's lineage, its tasks in the order of their submission, and a stream for each that records.

A task is the main thread, a `threading.Thread`, or one call of an executor. Threads of a pool take tasks in any order;
their streams are named by the order in which the tasks were submitted, so two runs can be compared.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import traceback

from ..trace.format import PROBLEM, PROCESS, TEXTS
from ..trace.writer import Stream

PROBLEMS_TOLD = 3
"""Errors of ours that a task records before it falls silent."""
UNANNOUNCED = 1_000_000
"""The first number of a child that another program has started: a shell, `os.system`, `exec`."""


class Task:
    """One task's stream, made when something is first recorded."""

    def __init__(self, process, ordinal, name):
        self._process, self.ordinal, self._name = process, ordinal, name
        self._stream = None
        self._problems = 0

    @property
    def stream(self):
        """The stream, or None once too much of ours has failed here. Raises nothing."""
        if self._stream is None and self._problems < PROBLEMS_TOLD:
            try:
                self._stream = self.open()
            except Exception as error:
                self._problems = PROBLEMS_TOLD
                self._process.tell_failed(error)
        return self._stream

    def open(self):
        """A new stream for it."""
        return self._process.open(self.ordinal, self._name)

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
            stream = self._stream or self.open()
            stream.append(PROBLEM, name=stream.define(TEXTS, told))
        except Exception as second:
            self._process.tell_failed(second)
        if self._problems >= PROBLEMS_TOLD:
            self._stream = None

    def finish(self):
        """The thread, or the call, has ended: nobody will write here again."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            self._process.close(stream)
        except Exception as error:
            self._process.tell_failed(error)

    def forget(self):
        """In a forked child: what was recorded belongs to the parent."""
        self._stream, self._problems = None, 0


class Process:
    """This process: its lineage, its tasks, the streams that are open."""

    def __init__(self, folder, parent, algorithm, detail):
        self.folder = os.path.abspath(folder)
        self.lineage = _claimed(os.path.join(self.folder, "streams"), parent)
        self._failed = False
        self._algorithm, self._detail = algorithm, detail
        self._streams = {}
        self._children = self._tasks = self._storages = 0
        self._lock = threading.Lock()
        self._local = threading.local()
        self.main = Task(self, 0, "main")
        self._local.task = self.main
        if not parent and self.main.stream is not None:  # so that it shows that a Python of the command was recorded
            self.main.stream.end_for_now()

    # ------------------------------------------------------------------------------------------------- tasks

    @property
    def task(self):
        """The task that this thread works on; a thread that nobody announced has one of its own."""
        found = getattr(self._local, "task", None)
        if found is None:
            found = self._local.task = self.new_task("unannounced")
        return found

    def has_task(self):
        """Whether this thread works on a task that was given to it, or on one of its own."""
        return getattr(self._local, "task", None) is not None

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

    def problem(self, error):
        """An error of ours, in whatever this thread works on. Raises nothing."""
        try:
            self.task.problem(error)
        except Exception:
            self.tell_failed(error)

    def leave_task(self):
        """This thread ends: its task, if it had one, is complete."""
        task = getattr(self._local, "task", None)
        self._local.task = None
        if task is not None:
            task.finish()

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
            self._streams[stream] = None
        return stream

    def close(self, stream):
        """Close a stream whose task has ended."""
        with self._lock:
            self._streams.pop(stream, None)
        stream.end(last=True)

    def tell_failed(self, error):
        """The recorder failed where not even a record can say so: once in a process, as one that could not start."""
        if self._failed:
            return
        self._failed = True
        told = {"tag": "error", "stage": "recording", "error": type(error).__name__, "message": str(error)}
        try:
            with open(os.path.join(self.folder, "failed-%d.jsonl" % os.getpid()), "a") as reply:
                reply.write(json.dumps(told) + "\n")
        except OSError:
            return  # the folder is gone or the disk is full: the streams are cut, and that shows

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
            stream.abandon()
        self.lineage, self._streams, self._lock = self._fork, {}, threading.Lock()
        self._children = self._tasks = 0
        self._failed = False
        for one in {task, self.main}:
            one.forget()
        self.main = task
        task.ordinal, task._name = 0, "main"

    def end(self):
        """Close every stream: what has no END was cut."""
        for stream in list(self._streams):
            try:
                stream.end()
            except Exception as error:
                self.tell_failed(error)


def _claimed(folder, parent):
    """
    The lineage of a fresh interpreter: its own name, or one that is free.

    A child is told its name on its way. What a shell starts, or what replaces its parent by `exec`, has one that
    another has already: it is numbered in the order in which such processes begin.
    """
    lineage = parent or "main"
    for number in itertools.count():
        try:
            os.close(os.open(os.path.join(folder, lineage + ".claim"), os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            lineage = "%s.%d" % (parent, UNANNOUNCED + number) if parent else "main-%d" % (number + 2)
    return lineage
