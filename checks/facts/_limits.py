"""Time limits for calls that may hang: files of a dead network drive or a broken device, commands that never end."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time

from .. import fact

FILE_SECONDS = 2.0
"""Limit for one fact's files: /proc, /sys and the listing of a folder take milliseconds."""
COMMAND_SECONDS = 5.0
"""Limit for one command: git reads the state of a checkout of 100,000 files in about a second."""
REAP_SECONDS = 0.5
"""Limit for reaping a killed process: one that waits for a dead drive does not exit."""
_BLOCK_BYTES = 1 << 16


def within(read, *arguments, seconds=FILE_SECONDS):
    """
    The result of `read(*arguments)`. Raises Unknown if there is none in time.

    A call that hangs in the kernel cannot be interrupted: its daemon thread is abandoned.
    """
    answers = []

    def work():
        try:
            answers.append((True, read(*arguments)))
        except BaseException as problem:  # raised again by the caller's thread
            answers.append((False, problem))

    thread = threading.Thread(target=work, daemon=True, name="auditor-fact")
    try:
        thread.start()
    except RuntimeError:  # no thread can start while the interpreter exits; exit facts have their own alarm
        return read(*arguments)
    thread.join(seconds)
    if not answers:
        raise fact.Unknown("no answer within %g s" % seconds)
    succeeded, answer = answers[0]
    if not succeeded:
        raise answer
    return answer


def probe(role, meaning, source, read, unit=""):
    """As `fact.probe`, with FILE_SECONDS as time limit."""
    return fact.probe(role, meaning, source, lambda *arguments: within(read, *arguments), unit)


def output(command, environment, consume, seconds=COMMAND_SECONDS):
    """
    Pass a command's standard output to `consume` in blocks; returns its exit code and the end of its standard error.

    Raises Unknown if the command cannot start or does not end in time; then its process group is killed.
    """
    deadline = time.monotonic() + seconds
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
    except OSError as problem:
        raise fact.Unknown("%s cannot be started: %s" % (command[0], problem.strerror)) from None
    errors = []
    open_pipes = {child.stdout.fileno(): consume, child.stderr.fileno(): errors.append}
    try:
        while open_pipes:
            _pump(open_pipes, deadline - time.monotonic())
        child.wait(max(0.0, deadline - time.monotonic()))
    except (_Late, subprocess.TimeoutExpired):
        raise fact.Unknown("%s took longer than %g s" % (os.path.basename(command[0]), seconds)) from None
    finally:
        _end(child)
    return child.returncode, b"".join(errors)[-_BLOCK_BYTES:].decode("utf-8", "replace").strip()


class _Late(Exception):
    """The time is up."""


def _pump(open_pipes, remaining):
    ready = select.select(list(open_pipes), [], [], remaining)[0] if remaining > 0 else []
    if not ready:
        raise _Late
    for pipe in ready:
        block = os.read(pipe, _BLOCK_BYTES)
        if block:
            open_pipes[pipe](block)
        else:
            del open_pipes[pipe]


def _end(child):
    """Kill what still runs, and abandon what does not die."""
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(REAP_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            child.returncode = child.returncode or -signal.SIGKILL  # nothing waits for it any more
    child.stdout.close()
    child.stderr.close()
