"""
Runs a program once, as it is, with the recorder of signatures in its Python processes.

`--for` and `--steps` end it in an orderly way: an interruption (as Ctrl-C) to each of its recorded processes, then
SIGTERM, then SIGKILL.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from pydantic import JsonValue

from ..catalogue.catalogue import FactGroup
from ..privacy.modes import Privacy
from ..real_run import command as commands
from ..real_run import recordings
from ..real_run.recordings import Process
from ..real_run.run import main_process
from ..shipped import folder
from . import tables
from .tables import Observed

VARIABLE = "AUDITOR_SIGNATURES"
FACTS = "facts"
TICK_SECONDS = 0.05
GRACE_SECONDS = (30.0, 5.0, 5.0)
"""After each of the three signals; after the first, facts are read for up to 30 s (`taking.py`)."""
WITHOUT_STEPS_SECONDS = 60.0
"""
Where `--steps` is given and no step of an optimizer is seen within this time, the program is ended.

It counts from the first operation: on a busy machine an import of torch alone took longer.
"""
WITHOUT_OPERATIONS_SECONDS = 600.0
"""The same, where not even an operation was seen."""
Ended = Literal["by-itself", "for", "steps", "failed", "interrupted"]


@dataclass(frozen=True)
class Limits:
    """When to end the program before it ends itself."""

    seconds: float = math.inf
    steps: int = 0
    """Steps of an optimizer; 0 for no limit."""


@dataclass(frozen=True)
class Recorded:
    """One run of the program."""

    command: Sequence[str]
    exit_code: int
    """The program's own; minus the signal's number if a signal ended it."""
    ended: Ended
    seconds: float
    observed: Observed
    main: Process | None
    """The process whose facts represent the run."""
    unseen: Sequence[str] = ()
    """What could not be seen of the whole run, each with its reason."""

    @property
    def python(self) -> str:
        """The interpreter of the program; empty if none was recorded."""
        with_framework = [table for table in self.observed.tables if table.frameworks]
        return next((table.python for table in (*with_framework, *self.observed.tables) if table.python), "")


def run(
    command: Sequence[str],
    groups: Sequence[FactGroup],
    privacy: Privacy,
    limits: Limits = Limits(),
    *,
    stdout: int | None = None,
    quiet: bool = False,
    request: Mapping[str, JsonValue] | None = None,
) -> Recorded:
    """
    Run the program to its end or to a limit. Raises UsageError if it cannot be started.

    `quiet` throws away what it prints. `request` tells the recorder to record no operators (`record`), or to set
    torch's determinism switch (`deterministic`).
    """
    with tempfile.TemporaryDirectory(prefix="auditor-run-", ignore_cleanup_errors=True) as name:
        replies = _prepared(Path(name), request or {})
        if quiet:
            stdout = subprocess.DEVNULL
        recorder = folder("checks") / "recorders" / "signatures" / "_signatures.py"
        environment = commands.recorded_environment(replies, recorder, VARIABLE, os.environ)
        relay = commands.Relay()
        with relay.listening():
            began = time.monotonic()
            child = commands.start(command, environment, stdout=stdout, stderr=subprocess.DEVNULL if quiet else None)
            relay.attach(child)
            limit = _wait(child, replies, limits, relay)
            if limit:
                _end(child, replies)
            commands.wait_for_stragglers(lambda: _alive(replies))
            seconds = time.monotonic() - began
        observed = tables.read(replies / tables.FOLDER)
        processes, _ = recordings.read(replies / FACTS, groups, privacy)
        failed = recordings.failures(replies)
    ended: Ended = "interrupted" if relay.interrupted else limit or ("failed" if child.returncode else "by-itself")
    unseen = [*_why_partial(ended, seconds, limits, child.returncode), *failed, *observed.problems]
    main = main_process(processes, child.pid)
    return Recorded(tuple(command), child.returncode, ended, seconds, observed, main, unseen)


def _prepared(scratch: Path, request: Mapping[str, JsonValue]) -> Path:
    replies = scratch / "replies"
    for part in (tables.FOLDER, FACTS):
        (replies / part).mkdir(parents=True)
    asked = {**request, "bytecode": str(scratch / "bytecode")}
    (replies / "request.json").write_text(json.dumps(asked), encoding="utf-8")
    return replies


def _wait(
    child: subprocess.Popen[bytes], replies: Path, limits: Limits, relay: commands.Relay
) -> Literal["", "for", "steps"]:
    """Wait for the program; returns which limit has passed, if one has."""
    began = time.monotonic()
    while child.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(TICK_SECONDS)
        passed = time.monotonic() - began
        steps = _steps(replies) if limits.steps else 0
        if relay.interrupted:
            continue  # it handles its own interruption
        if limits.steps and steps >= limits.steps:
            return "steps"
        if passed > limits.seconds or (limits.steps and not steps and _is_without_steps(replies, passed)):
            return "for"
    return ""


def _is_without_steps(replies: Path, passed: float) -> bool:
    """Whether the time has passed in which a step of an optimizer must be seen."""
    began = [path.stat().st_mtime for path in (replies / tables.FOLDER).glob("*.began")]
    if not began:
        return passed > WITHOUT_OPERATIONS_SECONDS
    return time.time() - min(began) > WITHOUT_STEPS_SECONDS


def _steps(replies: Path) -> int:
    """The most steps that a process has noted."""
    found = [0]
    for path in (replies / tables.FOLDER).glob("*.steps"):
        with contextlib.suppress(OSError, ValueError):
            found.append(int(path.read_text() or 0))
    return max(found)


def _end(child: subprocess.Popen[bytes], replies: Path) -> None:
    """End the program: each signal goes to its recorded processes and to what the command started."""
    for number, grace in zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), GRACE_SECONDS, strict=True):
        running = _alive(replies) | _family(child.pid)
        for pid in running if number != signal.SIGINT else _alive(replies) or running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and (child.poll() is None or _alive(replies)):
            time.sleep(TICK_SECONDS)
        if child.poll() is not None and not _alive(replies):
            return
    child.wait()


def _family(pid: int) -> set[int]:
    found = set()
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        found = {pid, *(one.pid for one in process.children(recursive=True))}
    return found


def _alive(replies: Path) -> set[int]:
    """Recorded processes that still run and whose tables are not complete."""
    found = set()
    for path in (replies / tables.FOLDER).glob("*.json"):
        pid = path.name.partition("-")[0]
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            process = psutil.Process(int(pid))
            if process.status() != psutil.STATUS_ZOMBIE and _is_of(process, replies):
                found.add(int(pid))
    return found


def _is_of(process: psutil.Process, replies: Path) -> bool:
    """Whether the process is of this run: process ids are used again."""
    return process.environ().get(VARIABLE, "").startswith(f"{replies}:")


def _why_partial(ended: Ended, seconds: float, limits: Limits, code: int) -> list[str]:
    """Why what was not seen may come later."""
    shown = f"{seconds:.0f} s"
    if ended == "for" and limits.steps:
        return [f"no step of an optimizer was seen: ended after {shown}"]
    if ended in ("for", "steps"):
        return [f"ended after the first {shown}" if ended == "for" else f"ended after {limits.steps} steps"]
    if ended == "interrupted":
        return [f"interrupted after {shown}"]
    return [f"the program failed after {shown} (exit code {code})"] if ended == "failed" else []
