"""
A real run: the user's command as it is, and the facts of each Python process of it at its end.

Nothing is installed. A scratch folder first on PYTHONPATH holds a `sitecustomize` (`checks/recorders/exit_facts/`),
which every Python imports at its start and which hides itself from the program.
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
from . import command as commands
from . import recordings
from .recordings import Process


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


def run(
    command: Sequence[str], groups: Sequence[FactGroup], privacy: Privacy | None = None, *, stdout: int | None = None
) -> RealRun:
    """
    Run the command to its end, and read what its processes recorded.

    `privacy` says how names are written; None is the default mode. `stdout` is the file descriptor that the command
    gets for its standard output; None passes ours. Raises UsageError when the command cannot be started.
    """
    privacy = privacy or Privacy()
    with tempfile.TemporaryDirectory(prefix="auditor-run-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        replies = scratch / "replies"
        replies.mkdir()
        recorder = folder("checks") / "recorders" / "exit_facts" / "_exit_facts.py"
        environment = commands.recorded_environment(replies, recorder, "AUDITOR_EXIT_FACTS", os.environ)
        relay = commands.Relay()
        with relay.listening():
            child = commands.start(command, environment, stdout=stdout)
            relay.attach(child)
            code = child.wait()
            commands.wait_for_stragglers(lambda: recordings.running(replies))
        found, left_out = recordings.read(replies, groups, privacy)
    main = _main(found, child.pid)
    others = [process for process in found if process is not main]
    return RealRun(code, relay.interrupted, main, others, left_out, _of_the_machine(privacy) if main else {})


def _of_the_machine(privacy: Privacy) -> Mapping[str, Fact]:
    """The facts of the GPUs, once the command has ended: what asks the driver takes nothing from the run."""
    answer = Ok(tag="ok", facts="nvml", values=host.facts())
    return Ok.model_validate(privacy.written(answer.model_dump(mode="json"))).values


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
