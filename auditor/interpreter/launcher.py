"""
Launchers start processes of the audited Python: on this machine, or for example in a container image.

`conversation.py` exchanges request, gate and reply files in a scratch folder; a launcher makes the folder available to
the process under the same path.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InterpreterError
from ..factors import factors
from . import cgroup, processes

LOG = logging.getLogger(__name__)


class Child(Protocol):
    """A started process."""

    def poll(self) -> str | None:
        """None while it runs; afterwards its end as text (empty for exit code 0)."""

    def abort(self) -> None:
        """Send SIGABRT, so that it writes its stack, and wait a moment."""

    def end(self) -> None:
        """End it and all processes that it started, and wait. Its output is then in the sink."""

    def step_back(self, niceness: int) -> None:
        """Set its niceness, if possible."""

    def resident_bytes(self) -> int:
        """The resident memory of it and its children; 0 if not known."""


class Launcher(Protocol):
    """Starts processes of one audited Python."""

    @property
    def python(self) -> str:
        """The interpreter's path, as the process sees it."""

    @property
    def host(self) -> int:
        """Our process id as the process sees it, so that it ends when we do; 0 if it cannot see us."""

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> Child:
        """
        Start the interpreter with these arguments and settings; its output goes into the sink.

        Raises InterpreterError when it cannot be started.
        """


@dataclass(frozen=True)
class Here:
    """The launcher of this machine: a process in the user's environment."""

    python: str
    without: frozenset[str] = frozenset()
    """Variables of the user's environment that the process does not get."""
    also: tuple[tuple[str, str], ...] = ()
    """Variables that it gets besides, unless the user's environment has them."""

    @property
    def host(self) -> int:
        """As the protocol says."""
        return os.getpid()

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> LocalChild:
        """As the protocol says."""
        killed_before = cgroup.oom_kills()
        try:
            with sink.open("wb") as output:
                process = subprocess.Popen(
                    [self.python, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=factors.environment(settings, self._inherited(), scratch),
                    start_new_session=True,
                )
        except OSError as problem:
            raise InterpreterError(
                f"{self.python} could not be started: {problem.strerror or problem}",
                "Nothing could be measured. Give the path of a working interpreter with --python.",
            ) from problem
        LOG.debug("process %d: %s; factors %s", process.pid, [self.python, *arguments], dict(settings))
        return LocalChild(process, killed_before)

    def _inherited(self) -> dict[str, str]:
        return dict(self.also) | {name: value for name, value in os.environ.items() if name not in self.without}


@dataclass(frozen=True)
class LocalChild:
    """A process of this machine."""

    process: subprocess.Popen[bytes]
    killed_before: int = 0
    """Processes that the kernel had killed for memory in our control group when it started (`cgroup.oom_kills`)."""

    def poll(self) -> str | None:
        """As the protocol says."""
        code = self.process.poll()
        if code == -signal.SIGKILL and cgroup.oom_kills() > self.killed_before:
            return processes.OUT_OF_MEMORY
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
