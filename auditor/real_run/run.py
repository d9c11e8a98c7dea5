"""
A real run: runs the user's command unchanged, and reads the facts of each of its Python processes at exit.

The recorder is in `checks/recorders/exit_facts/`; `command.py` describes how it is loaded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..catalogue.catalogue import FactGroup
from ..interpreter.replies import Ok
from ..manifest.models import Fact
from ..nvml import host
from ..privacy.modes import Privacy
from ..shipped import folder
from . import recordings
from .command import Relay, recorded_environment, start, wait_for_stragglers
from .recordings import Process


@dataclass(frozen=True)
class RealRun:
    """A finished run of a command."""

    exit_code: int
    """The command's exit code; the negative signal number if a signal ended it."""
    interrupted: bool
    """Whether an interrupting signal arrived while it ran."""
    main: Process | None
    """The process whose facts represent the run."""
    processes: Sequence[Process] = ()
    """All other recorded processes, in the order of their start."""
    left_out: int = 0
    """Number of processes that were not read."""
    machine: Mapping[str, Fact] = field(default_factory=dict)
    """Facts of the GPUs, which the host reads; they belong to no process."""


def run(
    command: Sequence[str],
    groups: Sequence[FactGroup],
    privacy: Privacy | None = None,
    *,
    stdout: int | None = None,
    stderr: int | None = None,
) -> RealRun:
    """
    Run the command to its end, and read what its processes recorded.

    `privacy` says how names are written; None is the default mode. `stdout` and `stderr` are the file descriptors of
    the command's streams; None inherits ours. Raises UsageError if the command cannot be started.
    """
    privacy = privacy or Privacy()
    with tempfile.TemporaryDirectory(prefix="auditor-run-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        replies = scratch / "replies"
        replies.mkdir()
        recorder = folder("checks") / "recorders" / "exit_facts" / "_exit_facts.py"
        environment = recorded_environment(replies, recorder, "AUDITOR_EXIT_FACTS", os.environ)
        relay = Relay()
        with relay.listening():
            child = start(command, environment, stdout=stdout, stderr=stderr)
            relay.attach(child)
            code = child.wait()
            wait_for_stragglers(lambda: recordings.running(replies))
        found, left_out = recordings.read(replies, groups, privacy)
    main = main_process(found, child.pid)
    others = [process for process in found if process is not main]
    return RealRun(code, relay.interrupted, main, others, left_out, of_the_machine(privacy) if main else {})


def of_the_machine(privacy: Privacy) -> Mapping[str, Fact]:
    """The facts of the GPUs, read after the command has ended, so that the query does not disturb it."""
    answer = Ok(tag="ok", facts="nvml", values=host.facts())
    return Ok.model_validate(privacy.written(answer.model_dump(mode="json"))).values


def main_process(found: Sequence[Process], pid: int) -> Process | None:
    """
    The process whose facts represent the run: the command itself, if it is a Python.

    If that Python started another one by exec, the last counts. For another command, such as a shell script, it is the
    first recorded process with a framework, else the first recorded process.
    """
    recorded = [process for process in found if process.recorded]
    own = [process for process in recorded if process.pid == pid]
    roots = [process for process in recorded if not process.parent] or recorded
    with_framework = [process for process in roots if process.frameworks]
    return next(iter((*own[-1:], *with_framework, *roots)), None)
