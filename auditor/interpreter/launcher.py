"""
How a process of the audited Python is started: beside us here, or elsewhere by another launcher (an image's, for one).

The conversation (request, gate and reply files in a scratch folder) is `interpreter.py`'s and the same for all. A
launcher makes the scratch folder reachable for the process under the same path.
"""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InterpreterError
from ..factors import factors
from . import processes

LOG = logging.getLogger(__name__)


class Child(Protocol):
    """A process that was started: what the conversation needs of it."""

    def poll(self) -> str | None:
        """None while it runs; afterwards how it ended, in words (empty for a good end)."""

    def abort(self) -> None:
        """Make it write where it hangs (SIGABRT), with a moment to do so."""

    def end(self) -> None:
        """End it with everything that it started, and wait. What it printed is in the sink afterwards."""

    def step_back(self, niceness: int) -> None:
        """Let the others go first by this much, where that can be done."""

    def resident_bytes(self) -> int:
        """The memory that it and its children use; 0 where that cannot be told."""


class Launcher(Protocol):
    """Starts processes of one audited Python."""

    @property
    def python(self) -> str:
        """The interpreter's path, as it is there."""

    @property
    def host(self) -> int:
        """The number under which the process sees this one, so that it ends when this one does; 0 where it cannot."""

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> Child:
        """
        Start the interpreter with these arguments under these factors; what it prints goes into the sink.

        Raises InterpreterError when it cannot be started.
        """


@dataclass(frozen=True)
class Here:
    """The launcher of this machine: a process beside ours, in the user's untouched environment."""

    python: str

    @property
    def host(self) -> int:
        """As the protocol says."""
        return os.getpid()

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> LocalChild:
        """As the protocol says."""
        try:
            with sink.open("wb") as output:
                process = subprocess.Popen(
                    [self.python, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=factors.environment(settings, os.environ, scratch),
                    start_new_session=True,
                )
        except OSError as problem:
            raise InterpreterError(
                f"{self.python} could not be started: {problem.strerror or problem}",
                "Nothing could be measured. Give the path of a working interpreter with --python.",
            ) from problem
        LOG.debug("process %d: %s; factors %s", process.pid, [self.python, *arguments], dict(settings))
        return LocalChild(process)


@dataclass(frozen=True)
class LocalChild:
    """A process of this machine."""

    process: subprocess.Popen[bytes]

    def poll(self) -> str | None:
        """As the protocol says."""
        code = self.process.poll()
        return None if code is None else processes.describe_end(code)

    def abort(self) -> None:
        """As the protocol says."""
        processes.abort(self.process)

    def end(self) -> None:
        """As the protocol says."""
        processes.end(self.process)

    def step_back(self, niceness: int) -> None:
        """As the protocol says."""
        processes.step_back(self.process, niceness)

    def resident_bytes(self) -> int:
        """As the protocol says."""
        return processes.resident_bytes(self.process.pid)
