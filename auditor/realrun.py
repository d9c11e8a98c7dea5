"""
A real run: the user's command as it is, and the facts of each Python process of it at its end.

Nothing is installed. A scratch folder first on PYTHONPATH holds a `sitecustomize` (`checks/recorders/exit_facts/`),
which every Python imports at its start and which hides itself from the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import recordings
from .catalogue import FactGroup
from .errors import UsageError
from .manifest import Fact
from .nvml import host
from .privacy import written
from .recordings import Process
from .replies import Ok
from .shipped import folder

HOOKS = ("sitecustomize.py", "_exit_facts.py", "_carrier.py")
"""What the recorder needs at a process's start; the rest is read from the payload itself."""
STRAGGLER_SECONDS = 5.0
"""How long processes that outlive the command may take to end (servers of multiprocessing do, for a moment)."""
POLL_SECONDS = 0.05
FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""A terminal sends these to every process in its foreground: passed on there, the command would get them twice."""
INTERRUPTIONS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


@dataclass(frozen=True)
class RealRun:
    """A command that has run."""

    exit_code: int
    """The command's own; minus the signal's number when a signal ended it."""
    interrupted: bool
    """Whether we were told to stop while it ran."""
    main: Process | None
    """The process whose facts stand for the run."""
    processes: Sequence[Process] = ()
    """All others that were seen, in the order of their start."""
    left_out: int = 0
    """How many more there were than are read."""
    machine: Mapping[str, Fact] = field(default_factory=dict)
    """Facts of its GPUs, which the host reads: of no process, and so never a difference between two of them."""


def run(command: Sequence[str], groups: Sequence[FactGroup], *, stdout: int | None = None) -> RealRun:
    """
    Run the command to its end, and read what its processes recorded.

    `stdout` is the file descriptor that the command gets for its standard output; None passes ours. Raises UsageError
    when the command cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="auditor-run-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        environment = _prepare(scratch, os.environ)
        relay = _Relay()
        with relay.listening():
            child = _start(command, environment, stdout)
            relay.attach(child)
            code = child.wait()
            _wait_for_stragglers(scratch / "replies")
        found, left_out = recordings.read(scratch / "replies", groups)
    main = _main(found, child.pid)
    others = [process for process in found if process is not main]
    return RealRun(code, relay.interrupted, main, others, left_out, _of_the_machine() if main else {})


def _prepare(scratch: Path, user: Mapping[str, str]) -> dict[str, str]:
    """Fill the scratch folder, and give the environment that leads every Python to it."""
    hooks, replies = scratch / "start", scratch / "replies"
    hooks.mkdir()
    replies.mkdir()
    for name in HOOKS:  # links: bytecode then lands here and not beside the payload
        (hooks / name).symlink_to(folder("checks").resolve() / "recorders" / "exit_facts" / name)
    path = user.get("PYTHONPATH")
    if path == "":
        (replies / "empty-pythonpath").touch()
    return {
        **user,
        "PYTHONPATH": f"{hooks}{os.pathsep}{path}" if path else str(hooks),
        "AUDITOR_EXIT_FACTS": f"{replies}:",
    }


def _start(command: Sequence[str], environment: Mapping[str, str], stdout: int | None) -> subprocess.Popen[bytes]:
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        return subprocess.Popen(list(command), env=environment, stdout=stdout)
    except (OSError, ValueError) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else "") or str(problem)
        raise UsageError(
            f"the command {command[0]!r} could not be started: {reason}",
            "Nothing was recorded. Give a program on PATH or its path after --, then its own arguments.",
        ) from problem


class _Relay:
    """Passes the signals that reach us on to the command, and remembers that we were told to stop."""

    def __init__(self) -> None:
        self.interrupted = False
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def attach(self, child: subprocess.Popen[bytes]) -> None:
        """The command runs now: what came before goes to it as well."""
        self._child = child
        for number in self._early:
            child.send_signal(number)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Our own handlers while the command runs; ignored signals stay ignored, for the command inherits that."""
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
        self.interrupted = self.interrupted or number in INTERRUPTIONS
        if number in FROM_TERMINAL and _in_foreground():
            return
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)


def _in_foreground() -> bool:
    """Whether we are in the foreground of a terminal, which then has told the command by itself."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:  # no terminal at all
        return False


def _of_the_machine() -> Mapping[str, Fact]:
    """The facts of the GPUs, once the command has ended: what asks the driver takes nothing from the run."""
    answer = Ok(tag="ok", facts="nvml", values=host.facts())
    return Ok.model_validate(written(answer.model_dump(mode="json"))).values


def _wait_for_stragglers(replies: Path) -> None:
    deadline = time.monotonic() + STRAGGLER_SECONDS
    while time.monotonic() < deadline and recordings.running(replies):
        time.sleep(POLL_SECONDS)


def _main(found: Sequence[Process], pid: int) -> Process | None:
    """
    The process whose facts stand for the run: the command itself, if it is a Python.

    A Python that became another one (exec) is both: the last counts. Of a shell script's Pythons it is the first with a
    framework, else the first that was recorded.
    """
    recorded = [process for process in found if process.recorded]
    own = [process for process in recorded if process.pid == pid]
    roots = [process for process in recorded if not process.parent] or recorded
    with_framework = [process for process in roots if process.frameworks]
    return next(iter((*own[-1:], *with_framework, *roots)), None)
