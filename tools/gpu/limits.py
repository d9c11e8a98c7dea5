"""Runs one command within a time limit, and ends every process that it left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GRACE_SECONDS = 4.0
"""Between SIGTERM, on which auditor ends its processes, and SIGKILL. It counts towards the limit."""
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SHORTEST_SECONDS = 0.5
"""What a command has before SIGTERM, however small its limit is."""
POLL_SECONDS = 0.05
PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans below this process become its children, so that they can be found and ended."""


class Interrupted(Exception):  # noqa: N818 - a request, not an error
    """The script was told to end (SIGTERM, SIGINT or SIGHUP)."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int | None
    """None if it was stopped at its limit, or could not be started."""
    seconds: float
    stopped: bool = False
    """Whether it reached its limit."""
    problem: str = ""
    """What else is wrong with it, or with the end of its processes."""


def adopt_orphans() -> None:
    """From here on, orphans of all commands become children of this process."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def end_on_signals() -> None:
    """Raise Interrupted on SIGTERM, SIGINT and SIGHUP, so that results of the current step are kept."""
    for number in ENDING:
        signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: object) -> None:
    for each in ENDING:  # a second one would leave processes and half-written results
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)


def run(command: Sequence[str], *, limit_seconds: float, folder: Path, env: Mapping[str, str], cwd: Path) -> Ended:
    """
    Run a command with its streams in `folder/stdout` and `folder/stderr`.

    Afterwards no process below this one is left, so only a process that does nothing else may call it. Raises
    Interrupted after the command's processes were ended.
    """
    started = time.monotonic()
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        except OSError as problem:
            return Ended(None, 0.0, problem=f"it could not be started: {problem}")
        code, stopped = None, False
        try:
            code = child.wait(max(limit_seconds - GRACE_SECONDS, SHORTEST_SECONDS))
        except subprocess.TimeoutExpired:
            stopped = True
        finally:
            left = _stop(child)
    return Ended(code, time.monotonic() - started, stopped, left)


def _stop(child: subprocess.Popen[bytes]) -> str:
    """
    End the command, and all processes below this one. Returns what could not be ended.

    A process that hangs inside a driver cannot be killed, so the wait for it is bounded.
    """
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    until = time.monotonic() + GRACE_SECONDS
    while left := _living(os.getpid()):
        if time.monotonic() > until:
            return f"processes {', '.join(map(str, left))} could not be ended"
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)  # orphans come here when their parent ends
    while _reaped():
        pass
    return ""


def _reaped() -> bool:
    """Whether one more ended child was taken off the process table."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _living(ancestor: int) -> list[int]:
    """The processes below this one that have not ended, children of children included."""
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it has ended since
                state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
                children.setdefault(int(parent), []).append((int(entry.name), state))
    found, waiting = [], [ancestor]
    while waiting:
        for pid, state in children.get(waiting.pop(), []):
            waiting.append(pid)
            if state not in "ZX":
                found.append(pid)
    return found
