"""Processes: ending them with everything they started, what they use, and keeping a machine busy on purpose."""

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
"""Between SIGABRT (faulthandler then writes where it hung) and SIGKILL."""


def describe_end(code: int) -> str:
    """How a process ended, in words; empty for a good end."""
    if code == 0:
        return ""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return f"exit code {code}"


def abort(child: subprocess.Popen[bytes]) -> None:
    """SIGABRT lets faulthandler write the Python line it hung at."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGABRT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)


def end(child: subprocess.Popen[bytes]) -> None:
    """End the process and everything that it started, in its own group or out of it."""
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
    """Let the others go first by this much; a process that has ended already, or may not, keeps its place."""
    if niceness:
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process(child.pid).nice(niceness)
            # Linux shares processors between sessions first (sched_autogroup), and niceness counts within one only.
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
    """Busy processes on every processor, for the factor of that name."""
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
