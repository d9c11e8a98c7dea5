"""
Runs a user's command unchanged, with a recorder in each of its Python processes; for `probe -- COMMAND` and `replay`.

Nothing is installed. The first folder on PYTHONPATH is a scratch folder with a `sitecustomize`, which every Python
imports at its start and which hides itself from the program.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError

LOG = logging.getLogger(__name__)
STRAGGLER_SECONDS = 5.0
"""Time in which processes that outlive the command (such as multiprocessing servers) may end."""
POLL_SECONDS = 0.05
FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""A terminal sends these to all its foreground processes, so they are not forwarded there."""
INTERRUPTIONS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


def recorded_environment(replies: Path, recorder: Path, variable: str, user: Mapping[str, str]) -> dict[str, str]:
    """
    Create a recorder's hooks in a folder; returns the environment with which every Python loads them.

    Args:
        replies: the folder that `variable` names to the recorder; its subfolder `start` comes first on PYTHONPATH.
        recorder: the file with its `start(here)`, in a folder of the payload's `recorders`.
        variable: the environment variable with the recorder's folder.
        user: the environment that is extended.
    """
    hooked = replies / "start"
    hooked.mkdir()
    common = recorder.resolve().parent.parent
    files = {name: common / name for name in ("sitecustomize.py", "_carrier.py")} | {"_recorder.py": recorder.resolve()}
    for name, file in files.items():  # links, so that bytecode is written here and not beside the payload
        (hooked / name).symlink_to(file)
    path = user.get("PYTHONPATH")
    if path == "":
        (replies / "empty-pythonpath").touch()
    return {
        **user,
        "PYTHONPATH": f"{hooked}{os.pathsep}{path}" if path else str(hooked),
        variable: f"{replies}:",
    }


def start(
    command: Sequence[str], environment: Mapping[str, str], *, stdout: int | None = None, stderr: int | None = None
) -> subprocess.Popen[bytes]:
    """Start the command; None inherits our streams. Raises UsageError if it cannot be started."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        child = subprocess.Popen(list(command), env=environment, stdout=stdout, stderr=stderr)
    except (OSError, ValueError) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else "") or str(problem)
        raise UsageError(
            f"the command {command[0]!r} could not be started: {reason}",
            "Nothing was recorded. Give a program on PATH or its path after --, then its arguments.",
        ) from problem
    LOG.info("process %d runs %s", child.pid, list(command))
    return child


class Relay:
    """Forwards our signals to the command, and records interruptions."""

    def __init__(self) -> None:
        self.interruptions = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    @property
    def interrupted(self) -> bool:
        """Whether an interrupting signal arrived."""
        return self.interruptions > 0

    def attach(self, child: subprocess.Popen[bytes]) -> None:
        """Set the running command, and forward the signals that arrived before it."""
        self._child = child
        for number in self._early:
            child.send_signal(number)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Install the handlers while the command runs; ignored signals stay ignored, as the command inherits that."""
        heard = [number for number in (*FORWARDED, *FROM_TERMINAL) if signal.getsignal(number) is not signal.SIG_IGN]
        before: dict[int, Callable[[int, Any], Any] | int | None] = {
            number: signal.signal(number, self._pass_on) for number in heard
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _pass_on(self, number: int, frame: object) -> None:
        del frame
        self.interruptions += number in INTERRUPTIONS
        if number in FROM_TERMINAL and _in_foreground():
            return
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)


def _in_foreground() -> bool:
    """Whether we are in a terminal's foreground, so that the terminal signals the command itself."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:  # no terminal at all
        return False


def wait_for_stragglers(running: Callable[[], object]) -> bool:
    """Wait for processes that outlive the command, up to the limit; returns whether any still runs."""
    deadline = time.monotonic() + STRAGGLER_SECONDS
    while running():
        if time.monotonic() >= deadline:
            return True
        time.sleep(POLL_SECONDS)
    return False
