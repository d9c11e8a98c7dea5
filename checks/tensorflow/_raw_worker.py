"""
Work that may crash its process, done in forked children, one item after the other.

A child sends each answer through a pipe: the first item without an answer is the one that killed it. Signals
do not interrupt a kernel that hangs, so the parent enforces the time limit and kills. Fork before TensorFlow's runtime
starts (`_state.initialised`): a child has none of its parent's threads.
"""

from __future__ import annotations

import json
import os
import select
import signal
import traceback

CHUNK_BYTES = 65536


class WorkerProblem(Exception):
    """The work function raised instead of answering: a defect of the check, not of an operator."""


def survive(items, work, limit_seconds):
    """
    Yield `work(item)` (any JSON value) for each item, in order, from forked children.

    An item that crashes its child yields `!SIGABRT` (or another signal's name, or `!exit 3`). One that gives no
    answer within `limit_seconds` yields `!hangs`. A new child continues with the next item.
    """
    position = 0
    while position < len(items):
        for answer in _child(items[position:], work, limit_seconds):
            position += 1
            yield answer


def _child(items, work, limit_seconds):
    """Answers of one child; the last may say how it ended."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _serve(items, work, writable)
    os.close(writable)
    answered, ended = 0, False
    try:
        for line in _lines(readable, limit_seconds):
            if line is None:
                break
            if "problem" in line:
                raise WorkerProblem(line["problem"])
            answered += 1
            yield line["answer"]
        else:
            ended = True
    finally:
        os.close(readable)
        if not ended:
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    if answered < len(items):
        yield _ending(status) if ended else "!hangs"


def _serve(items, work, writable):
    """In the child: answer, and exit without running the parent's exit handlers."""
    code = 0
    try:
        for item in items:
            _write(writable, {"answer": work(item)})
    except BaseException:
        _write(writable, {"problem": traceback.format_exc()})
        code = 1
    os._exit(code)


def _write(writable, line):
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(writable, data) :]


def _lines(readable, limit_seconds):
    """Lines until the pipe is closed; None after a time-out."""
    pending = b""
    while True:
        if not select.select([readable], [], [], limit_seconds)[0]:
            yield None
            return
        data = os.read(readable, CHUNK_BYTES)
        if not data:
            return
        *whole, pending = (pending + data).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _ending(status):
    """How a process ended, from its wait status."""
    if os.WIFSIGNALED(status):
        return "!" + signal.Signals(os.WTERMSIG(status)).name
    return "!exit %d" % os.WEXITSTATUS(status)
