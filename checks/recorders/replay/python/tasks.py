"""
A process and its tasks: the name of the process (its lineage), and one stream for each task.

A task is the main thread, a `threading.Thread`, or one call of an executor. Tasks are numbered in order of submission.
The threads of a pool take tasks in any order, so only these numbers are comparable between two runs.
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
from .looked_for import LookedFor
from .names import DrawnNames

PROBLEMS_TOLD = 3
"""Errors of the recorder after which a task records nothing more."""
UNANNOUNCED = 1_000_000
"""First number of children that are started by another program (a shell, `os.system`, `exec`)."""


class Task:
    """One task. Its stream is opened when something is first recorded."""

    def __init__(self, process, ordinal, name):
        self._process, self.ordinal, self._name = process, ordinal, name
        self._stream = None
        self._problems = 0

    @property
    def stream(self):
        """The stream; None after `PROBLEMS_TOLD` errors of the recorder. Raises nothing."""
        if self._stream is None and self._problems < PROBLEMS_TOLD:
            try:
                self._stream = self.open()
            except Exception as error:
                self._problems = PROBLEMS_TOLD
                self._process.tell_failed(error)
        return self._stream

    def open(self):
        """A new stream for this task."""
        return self._process.open(self.ordinal, self._name)

    def problem(self, error):
        """Write an error of the recorder into the stream. A trace with one never counts as identical."""
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
        """Close the stream: the thread or call has ended."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            self._process.close(stream)
        except Exception as error:
            self._process.tell_failed(error)

    def forget(self):
        """In a forked child: forget the stream, which is the parent's."""
        self._stream, self._problems = None, 0


class Process:
    """This process: its lineage, its tasks and its open streams."""

    def __init__(self, folder, parent, algorithm, detail):
        self.folder = os.path.abspath(folder)
        self.lineage = _claimed(os.path.join(self.folder, "streams"), parent)
        self.names = DrawnNames(self.folder)
        self.looked_for = LookedFor(self.folder)
        self.numbers = None
        """To which numbers are told that the program reads out of tensors (`read_numbers.py`), if they are wanted."""
        self._failed = False
        self._algorithm, self._detail = algorithm, detail
        self._streams = {}
        self._children = self._tasks = self._storages = 0
        self._lock = threading.Lock()
        self._local = threading.local()
        self.main = Task(self, 0, "main")
        self._local.task = self.main
        if not parent and self.main.stream is not None:  # shows that a Python of the command was recorded
            self.main.stream.end_for_now()

    # ------------------------------------------------------------------------------------------------- tasks

    @property
    def task(self):
        """The task of this thread; a thread that was not announced gets a new one."""
        found = getattr(self._local, "task", None)
        if found is None:
            found = self._local.task = self.new_task("unannounced")
        return found

    def has_task(self):
        """Whether this thread has a task."""
        return getattr(self._local, "task", None) is not None

    def new_task(self, name):
        """A new task with the next ordinal."""
        with self._lock:
            self._tasks += 1
            return Task(self, self._tasks, name)

    def next_storage(self):
        """The ordinal of a new storage."""
        self._storages += 1
        return self._storages

    def work_on(self, task):
        """Set the task of this thread; returns the one before, or None."""
        before = getattr(self._local, "task", None)
        self._local.task = task
        return before

    def problem(self, error):
        """Record an error of the recorder in the current task. Raises nothing."""
        try:
            self.task.problem(error)
        except Exception:
            self.tell_failed(error)

    def leave_task(self):
        """This thread ends: close its task, if it has one."""
        task = getattr(self._local, "task", None)
        self._local.task = None
        if task is not None:
            task.finish()

    def open(self, ordinal, name):
        """A new stream; its first record describes the process."""
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
        """Report, once in a process, an error that could not be recorded in a stream."""
        if self._failed:
            return
        self._failed = True
        told = {"tag": "error", "stage": "recording", "error": type(error).__name__, "message": str(error)}
        try:
            with open(os.path.join(self.folder, "failed-%d.jsonl" % os.getpid()), "a") as reply:
                reply.write(json.dumps(told) + "\n")
        except OSError:
            return  # the folder is gone or the disk is full: the streams lack their END

    # ----------------------------------------------------------------------------------------------- processes

    def next_child(self):
        """The lineage of the next child; children are numbered in order of start."""
        with self._lock:
            number = self._children
            self._children += 1
        return "%s.%d" % (self.lineage, number)

    def before_fork(self):
        """In the parent: reserve the lineage of the child."""
        self._fork = self.next_child()

    def forked(self):
        """In the child: take the reserved lineage and new streams. Only the forking thread exists here."""
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
        """Close every stream; one without END counts as cut."""
        for stream in list(self._streams):
            try:
                stream.end()
            except Exception as error:
                self.tell_failed(error)


def _claimed(folder, parent):
    """
    The lineage of a new interpreter: the name that it was given, or the next free one.

    A process that a shell starts, or that replaces its parent by `exec`, is given a name that is in use. Such processes
    are numbered in order of start.
    """
    lineage = parent or "main"
    for number in itertools.count():
        try:
            os.close(os.open(os.path.join(folder, lineage + ".claim"), os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            lineage = "%s.%d" % (parent, UNANNOUNCED + number) if parent else "main-%d" % (number + 2)
    return lineage
