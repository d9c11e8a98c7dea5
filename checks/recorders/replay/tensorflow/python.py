"""
Python functions that TensorFlow calls back: generators of `from_generator`, `py_function`, `numpy_function`.

TensorFlow calls them in threads of its own. The draws and outside values of all calls of one function are recorded in
one task, which is numbered when the function is registered. Its computations are not recorded, since several calls may
run at once; the outputs of the operation or the pipeline show them.
"""

from __future__ import annotations

import functools
import threading

TASK = "tf.py_function"
"""The name of such a task. Its number of records varies, since pipelines prefetch."""

CLEANUP_INTERVAL = 1024
"""Number of functions after which those that TensorFlow has unregistered are forgotten."""


def follow(recorder, process):
    """Wrap the registry of these functions, except for functions of the recorder."""
    from tensorflow.python.ops import script_ops

    registry, tasks = script_ops.FuncRegistry, {}
    plain_insert, plain_call = registry.insert, registry.__call__

    @functools.wraps(plain_insert)
    def insert(self, func):
        token = plain_insert(self, func)
        try:
            if not getattr(recorder.local, "busy", False):
                tasks[token] = _shared(process)
            if len(tasks) % CLEANUP_INTERVAL == 0:  # each eager call registers its function again
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
        recorder.local.busy = True  # operations inside it are not recorded
        try:
            return plain_call(self, token, *arguments, **named)
        finally:
            recorder.local.busy = False
            process.work_on(None)

    registry.insert, registry.__call__ = insert, call


def _shared(process):
    """A task to which several threads may write."""
    task = process.new_task(TASK)
    plain, lock = task.open, threading.RLock()

    def opened():
        stream = plain()
        stream.append, stream.define = _one_by_one(stream, "append", lock), _one_by_one(stream, "define", lock)
        return stream

    task.open = opened
    return task


def _one_by_one(stream, name, lock):
    """Wrap a method of a stream in a lock; does nothing once the stream is closed."""
    plain = getattr(stream, name)

    def locked(*arguments, **named):
        with lock:
            return 0 if stream.closed else plain(*arguments, **named)

    return locked
