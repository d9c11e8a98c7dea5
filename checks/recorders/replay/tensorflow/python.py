"""
Python functions that TensorFlow calls back: generators of `from_generator`, `py_function`, `numpy_function`.

TensorFlow calls them in threads of its own, where each call looks like a new thread. What one function draws and takes
from outside is recorded in one task, numbered when TensorFlow is given the function; what it computes is not, since
several calls may run at once: that shows in what the operation or the pipeline gives.
"""

from __future__ import annotations

import functools
import threading

TASK = "tf.py_function"
"""What such a task is called; how far a pipeline runs ahead is chance, and so is how long its stream is."""

SOME = 1024
"""Functions after which those that TensorFlow has let go of are forgotten."""


def follow(recorder, process):
    """Hook the registry of these functions. What the recorder itself puts into graphs is none of them."""
    from tensorflow.python.ops import script_ops

    registry, tasks = script_ops.FuncRegistry, {}
    plain_insert, plain_call = registry.insert, registry.__call__

    @functools.wraps(plain_insert)
    def insert(self, func):
        token = plain_insert(self, func)
        try:
            if not getattr(recorder.local, "busy", False):
                tasks[token] = _shared(process)
            if len(tasks) % SOME == 0:  # an eager call registers its function anew each time
                for gone in [one for one in tasks if self.get(one) is None]:
                    del tasks[gone]
        except Exception as problem:
            process.problem(problem)
        return token

    @functools.wraps(plain_call)
    def call(self, token, *arguments, **named):
        task = tasks.get(token)
        if task is None or process.has_task():
            return plain_call(self, token, *arguments, **named)
        process.work_on(task)
        recorder.local.busy = True  # TensorFlow's own hooks are silent in it
        try:
            return plain_call(self, token, *arguments, **named)
        finally:
            recorder.local.busy = False
            process.work_on(None)

    registry.insert, registry.__call__ = insert, call


def _shared(process):
    """A task in which several threads may write."""
    task = process.new_task(TASK)
    plain, lock = task.open, threading.RLock()

    def opened():
        stream = plain()
        stream.append, stream.define = _one_by_one(stream, "append", lock), _one_by_one(stream, "define", lock)
        return stream

    task.open = opened
    return task


def _one_by_one(stream, name, lock):
    """A method of a stream, for several threads; nothing once the process has closed it, and they run on."""
    plain = getattr(stream, name)

    def locked(*arguments, **named):
        with lock:
            return 0 if stream.closed else plain(*arguments, **named)

    return locked
