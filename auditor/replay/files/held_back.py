"""Holds signals back while files are between two states."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back signals that would end us, until the block has ended; only a main thread receives any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {int(number): signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler not in {signal.SIG_IGN, None}:
            signal.signal(number, lambda got, _frame: arrived.append(got))
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
    for number in arrived[:1]:
        signal.raise_signal(number)
