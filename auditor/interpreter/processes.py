"""Ends process trees, reads their memory use, and creates CPU contention."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

GRACE_SECONDS = 2.0
"""Time between SIGABRT, on which faulthandler writes the stack, and SIGKILL."""
OUT_OF_MEMORY = "was killed: out of memory"
"""The end of a process that the kernel killed because a limit of memory was reached."""


def describe_end(code: int) -> str:
    """The end of a process as text; empty for exit code 0."""
    if code == 0:
        return ""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return f"exit code {code}"


def abort(child: subprocess.Popen[bytes]) -> None:
    """Send SIGABRT, on which faulthandler writes the Python stack."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGABRT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)


def end(child: subprocess.Popen[bytes]) -> None:
    """End the process and all its descendants, inside and outside its process group."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(child.pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for relative in family:
        with contextlib.suppress(psutil.Error):
            relative.kill()
    child.wait()


def step_back(child: subprocess.Popen[bytes], niceness: int) -> None:
    """Set the niceness, unless the process has ended or it is not permitted."""
    if niceness:
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process(child.pid).nice(niceness)
            # Linux schedules between sessions first (sched_autogroup); niceness only counts within a session.
            Path(f"/proc/{child.pid}/autogroup").write_text(str(niceness), encoding="ascii")


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its children; 0 when it has just ended."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += int(member.memory_info().rss)
    return total


@contextlib.contextmanager
def contention() -> Iterator[None]:
    """Run a busy process for each processor, for the factor `contention`."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
