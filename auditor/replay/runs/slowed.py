"""
Makes a command take several times as long, so that a run without a factor lasts as long as one with it.

A factor that slows the program also changes what happens outside while it runs, and calms races without being their
cause. All processes of the command are stopped and continued in turn, many times a second: their threads keep their
order among each other as far as the system allows it, which they would not on fewer processors.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

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
    done = threading.Event()
    brake = threading.Thread(target=_brake, args=(pid, ratio, done), daemon=True)
    brake.start()
    try:
        yield
    finally:
        done.set()
        brake.join()


def _brake(pid: int, ratio: float, done: threading.Event) -> None:
    running = PERIOD_SECONDS / ratio
    family: list[psutil.Process] = []
    looked = -LOOK_SECONDS
    while not done.wait(running):
        if time.monotonic() - looked > LOOK_SECONDS:
            family, looked = _family(pid), time.monotonic()
        for process in family:
            _signal(process, signal.SIGSTOP)
        done.wait(PERIOD_SECONDS - running)
        for process in family:
            _signal(process, signal.SIGCONT)


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
