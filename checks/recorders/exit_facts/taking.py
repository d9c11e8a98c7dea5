"""
Takes the facts of a process that ends, passively: nothing is imported or started that the program has not.

Loaded with the payload at exit, and not before: until then the program runs alone.
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
"""For all facts of one process. Frameworks answer in milliseconds; a file system that hangs must not hold a job."""
OF_THE_MACHINE = ("accelerators", "caches", "code", "compilers", "installed", "machine", "system")
"""Groups that every process of a run would answer alike: asked in those that the command itself started."""
STANDARD_STREAMS = 3
"""File descriptors below it: a program that has closed them must not find our reply file in their place."""


class TooLong(BaseException):
    """The time is up. No Exception, which a reader would take for the state of its fact."""


def take(recorder, framework=""):
    """Write the facts of this process to its reply file; with a framework, its groups alone, before its own end."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
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
                        reply.error("its process had taken %d s over its facts" % TIME_LIMIT_SECONDS, facts=group)
                    else:
                        _answer(group, owner, imported, recorder.root, reply)
        if not framework:
            reply.line("taken", seconds=time.monotonic() - started)
        recorder.early = framework


def groups():
    """Every group of facts, loaded, and the framework that owns it, '' for none."""
    return [(group, getattr(discovery.load("facts." + group), "FRAMEWORK", "")) for group in discovery.fact_groups()]


def _answer(group, framework, imported, root, reply):
    """One group's line; none for what a child would only repeat."""
    try:
        obstacle = None
        if framework and framework not in imported:
            obstacle = NotApplicable("this process did not import %s" % framework)
        if root or (obstacle is None and group not in OF_THE_MACHINE):
            door.answer_facts(group, obstacle, framework, {"passive": True}, reply)
    except (Exception, TooLong) as problem:
        reply.error(problem, facts=group)


def _opened(path):
    """The reply file, above the standard streams even where the program has closed them."""
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
    Gives a call that tells whether the time is up; in the main thread an alarm interrupts a group that hangs.

    Native code that never returns is not interrupted: that is why nothing here starts a framework's backend.
    """

    def expired():
        return time.monotonic() - started > TIME_LIMIT_SECONDS

    def ring(number, frame):
        raise TooLong("no answer within %d s" % TIME_LIMIT_SECONDS)

    try:
        previous = signal.getsignal(signal.SIGALRM)
        if previous is None:  # a handler that is not Python's: it could not be put back
            raise ValueError
        signal.signal(signal.SIGALRM, ring)
    except ValueError:  # not the main thread: the time is looked at between groups
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
    """The program's name: a spawned worker learns only later which script it belongs to."""
    told = (list(getattr(sys, "argv", [])) or [""])[0]
    if recorder.program.startswith("multiprocessing.spawn") and told not in ("", "-c"):
        return os.path.basename(told)
    return recorder.program


def _worker():
    """The name that multiprocessing gave this process, '' for others."""
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.parent_process() is None:
        return ""
    return process.current_process().name
