"""
Reads the facts of a process that exits, passively: it imports no framework and starts no backend.

It is imported at exit, so that the payload does not affect the program while that runs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

from ...declare import NotApplicable
from ...process import discovery, door
from ...process.reply import ReplyFile

TIME_LIMIT_SECONDS = 30
"""For all facts of one process. They take milliseconds, unless a file system hangs."""
OF_THE_MACHINE = ("accelerators", "caches", "code", "compilers", "installed", "machine", "system")
"""Groups whose answers are equal in all processes of a run: read only in those that the command itself started."""
STANDARD_STREAMS = 3
"""File descriptors below it are the standard streams; the reply file must not take one that is closed."""


class TooLong(BaseException):
    """The time limit has passed. It is no Exception, since a reader would turn that into the state of its fact."""


def take(recorder, framework=""):
    """Write the facts of this process to its reply file; those of one framework alone before that one shuts down."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_unwatched())
        reply = _opened(recorder.path())
        stack.callback(reply.close)
        imported = [name for name in door.FRAMEWORKS if name in sys.modules]
        if not framework:
            reply.line(
                "taking",
                program=_program(recorder),
                worker=_worker(),
                frameworks=imported,
                executable=sys.executable or "",
            )
        with _limit(started) as expired:
            for group, owner in groups():
                if owner == framework or (not framework and owner != recorder.early):
                    if expired():
                        reply.error(
                            "not read: the facts of this process took longer than %d s" % TIME_LIMIT_SECONDS,
                            facts=group,
                        )
                    else:
                        _answer(group, owner, imported, recorder.root, reply)
        if not framework:
            reply.line("taken", seconds=time.monotonic() - started)
        recorder.early = framework


def groups():
    """(group, framework that owns it or empty) of every group of facts; imports them all."""
    return [(group, getattr(discovery.load("facts." + group), "FRAMEWORK", "")) for group in discovery.fact_groups()]


def _unwatched():
    """
    Leave torch's dispatch modes while facts are read, if it is imported: some of its facts are operators.

    A replay's recorder would write them into streams that it has closed, and call the trace incomplete.
    """
    modes = sys.modules.get("torch.utils._python_dispatch")
    left = getattr(modes, "_disable_current_modes", None)
    return left() if left else contextlib.nullcontext()


def _answer(group, framework, imported, root, reply):
    """Write the line of one group, unless a child would only repeat its parent's answer."""
    try:
        obstacle = None
        if framework and framework not in imported:
            obstacle = NotApplicable("this process did not import %s" % framework)
        if root or (obstacle is None and group not in OF_THE_MACHINE):
            door.answer_facts(group, obstacle, framework, {"passive": True}, reply)
    except (Exception, TooLong) as problem:
        reply.error(problem, facts=group)


def _opened(path):
    """The reply file, opened on a descriptor above the standard streams even if the program has closed these."""
    held = []
    try:
        while not held or held[-1] < STANDARD_STREAMS:
            held.append(os.open(os.devnull, os.O_RDWR))
        return ReplyFile(path)
    finally:
        for handle in held:
            os.close(handle)


@contextlib.contextmanager
def _limit(started):
    """
    Yield a function that tells whether the time limit has passed; in the main thread SIGALRM interrupts a hung group.

    Native code that never returns cannot be interrupted, which is why nothing here starts a framework's backend.
    """

    def expired():
        return time.monotonic() - started > TIME_LIMIT_SECONDS

    def ring(number, frame):
        raise TooLong("no answer within %d s" % TIME_LIMIT_SECONDS)

    try:
        previous = signal.getsignal(signal.SIGALRM)
        if previous is None:  # a handler installed from C: Python could not restore it
            raise ValueError
        signal.signal(signal.SIGALRM, ring)
    except ValueError:  # not the main thread: the limit is only checked between groups
        yield expired
        return
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT_SECONDS)
    try:
        yield expired
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, remaining, interval)


def _program(recorder):
    """The program's name; a spawned worker of multiprocessing sets its own `sys.argv` only after its start."""
    told = (list(getattr(sys, "argv", [])) or [""])[0]
    if recorder.program.startswith("multiprocessing.spawn") and told not in ("", "-c"):
        return os.path.basename(told)
    return recorder.program


def _worker():
    """The name that multiprocessing gave this process; empty for other processes."""
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.parent_process() is None:
        return ""
    return process.current_process().name
