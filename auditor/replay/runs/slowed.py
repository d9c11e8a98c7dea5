"""
Makes a command take several times as long, so that a run without a factor lasts as long as one with it.

A factor that slows the program also changes what happens outside while it runs, and calms races without being their
cause. All processes of the command are stopped and continued in turn, many times a second: their threads keep their
order among each other as far as the system allows it, which they would not on fewer processors.

A process of its own does this (this file, run as a program), since whatever ends us, SIGKILL included, must not leave
the command stopped: it sees its standard input closed, continues all processes, and ends.
"""

from __future__ import annotations

import contextlib
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

LEAST = 1.05
"""Smaller ratios are within the noise of run times, and change nothing."""
PERIOD_SECONDS = 0.05
"""One turn of running and being stopped."""
LOOK_SECONDS = 0.5
"""How often new processes of the command are looked for."""


@contextlib.contextmanager
def slowed(pid: int, ratio: float) -> Iterator[None]:
    """Stretch the run time of this process and its descendants by `ratio` until the end of the block."""
    if ratio < LEAST:
        yield
        return
    command = [sys.executable, "-I", str(Path(__file__)), str(pid), str(ratio)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as brake:
        try:
            yield
        finally:
            brake.communicate()  # closes its input, and waits until it has continued all


def _brake(pid: int, ratio: float) -> None:
    running = PERIOD_SECONDS / ratio
    family: list[psutil.Process] = []
    looked = -LOOK_SECONDS
    while not _closed_within(running):
        if time.monotonic() - looked > LOOK_SECONDS:
            family, looked = _family(pid), time.monotonic()
        for process in family:
            _signal(process, signal.SIGSTOP)
        _closed_within(PERIOD_SECONDS - running)
        for process in family:
            _signal(process, signal.SIGCONT)


def _closed_within(seconds: float) -> bool:
    """Wait; whether the other end of our standard input was closed, by the end of the block or of the process."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    """Send it, unless the process has ended; psutil knows whether its id belongs to another one meanwhile."""
    with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
        process.send_signal(number)


if __name__ == "__main__":
    _brake(int(sys.argv[1]), float(sys.argv[2]))
