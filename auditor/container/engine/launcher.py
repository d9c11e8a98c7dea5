"""
The launcher of an image: runs each process of the audited Python in a new container, which is removed afterwards.

Nothing is installed into the image: the payload and the scratch folder are mounted under the same paths. The container
has no network, a read-only root, no capabilities and cannot gain any; `/tmp` is in memory.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from docker.errors import DockerException
from requests import RequestException

from ...errors import InterpreterError
from ...factors import factors
from ...interpreter.conversation import payload_folder
from ...interpreter.processes import OUT_OF_MEMORY, describe_end, resident_bytes

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.1
"""Interval of queries whether a container still runs."""
GRACE_SECONDS = 2.0
"""Time between SIGABRT and SIGKILL, as for a local process."""
PRINTED_BYTES = 64 * 1024
"""The last part of a container's output, which is kept; it shows a crash."""
SHARED_MEMORY_BYTES = 2**30
"""Size of `/dev/shm`: data loaders with workers need more than the engine's default of 64 MiB."""
LABEL = "auditor"
SIGNALLED = 128
"""Exit codes above it encode the signal that ended the process."""
TROUBLE = (DockerException, RequestException)
"""The exceptions of the engine's client."""
WEIGHT = 1024
"""Default CPU shares of a container; each step of niceness takes a fifth, as in the kernel."""


@dataclass(frozen=True)
class InImage:
    """The launcher of one image."""

    client: DockerClient
    image_id: str
    python: str
    """The interpreter's path in the image."""
    variables: Mapping[str, str]
    """The image's own environment."""
    cache: Path
    """A folder for compiled code, shared by the processes of one audit."""
    readable: Sequence[Path] = ()
    """Other readable paths: the set-up file, a folder of checks."""
    devices: Sequence[Any] = ()
    """Requests for accelerators."""
    host: int = 0
    """0, since a container cannot see processes outside."""

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> ContainerChild:
        """As the protocol says."""
        changed = self._changed(settings, scratch)
        _open_to_all(scratch)
        try:
            container = self.client.containers.create(
                self.image_id,
                command=list(arguments),
                entrypoint=[self.python],
                environment=changed,
                volumes=self._volumes(scratch),
                labels={LABEL: "audit"},
                **confined(self.devices),
            )
        except TROUBLE as problem:
            raise _unstartable(problem) from problem
        LOG.debug("container %s: %s; factors %s", container.id, [self.python, *arguments], dict(settings))
        child = ContainerChild(self.client, container, sink)
        try:
            container.start()
        except TROUBLE as problem:
            child.end()
            raise _unstartable(problem) from problem
        return child

    def _changed(self, settings: Mapping[str, str], scratch: Path) -> dict[str, str]:
        """The variables that differ from the image's: those of the factors and the cache."""
        base = {**self.variables, "XDG_CACHE_HOME": str(self.cache)}  # its home cannot be written to
        wanted = factors.environment(settings, base, scratch)
        return {name: value for name, value in wanted.items() if base.get(name) != value}

    def _volumes(self, scratch: Path) -> dict[str, dict[str, str]]:
        readable = {str(path): {"bind": str(path), "mode": "ro"} for path in (payload_folder(), *self.readable)}
        writable = {str(path): {"bind": str(path), "mode": "rw"} for path in (scratch, self.cache)}
        return {**readable, **writable}


def confined(devices: Sequence[Any] = ()) -> dict[str, Any]:
    """The restrictions of every container: it can only read its image and use memory."""
    return {
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "tmpfs": {"/tmp": "exec,mode=1777", "/var/tmp": "exec,mode=1777"},  # noqa: S108 - in the container
        "shm_size": SHARED_MEMORY_BYTES,
        "init": True,  # as process 1, Python would ignore signals that end a process
        "device_requests": list(devices),
        "log_config": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
        "stdin_open": False,
    }


def _open_to_all(scratch: Path) -> None:
    """
    Let any user of the image read the request and write the replies.

    The parent of the scratch folder stays private to the host's user.
    """
    scratch.chmod(0o777)
    for root, folders, files in os.walk(scratch):
        for name in folders:
            (Path(root) / name).chmod(0o777)
        for name in files:
            (Path(root) / name).chmod(0o666)


def _unstartable(problem: Exception) -> InterpreterError:
    told = getattr(problem, "explanation", None) or str(problem)
    return InterpreterError(
        f"no container of the image could be started: {told}",
        "Nothing was measured. The engine must run on this machine, since the payload is mounted from it.",
    )


@dataclass
class ContainerChild:
    """A process that runs as a container."""

    client: DockerClient
    container: Container
    sink: Path
    _due: float = 0.0
    _state: dict[str, Any] = field(default_factory=dict)

    def poll(self) -> str | None:
        """As the protocol says."""
        if self._state.get("Status") == "exited":
            return _ended(self._state)
        now = time.monotonic()
        if now < self._due:
            return None
        self._due = now + POLL_SECONDS
        try:
            self._state = self.client.api.inspect_container(str(self.container.id))["State"]
        except TROUBLE as problem:  # the engine does not answer any more
            return f"was lost, since the engine stopped answering: {problem}"
        return _ended(self._state) if self._state["Status"] in ("exited", "dead") else None

    def abort(self) -> None:
        """As the protocol says; the container's first process, the engine's own, passes no SIGABRT on."""
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile, or is another user's: it cannot say where
            for process in psutil.Process(int(self._state.get("Pid") or 0)).children():
                process.send_signal(signal.SIGABRT)
        until = time.monotonic() + GRACE_SECONDS
        while self.poll() is None and time.monotonic() < until:
            time.sleep(POLL_SECONDS)

    def end(self) -> None:
        """As the protocol says."""
        with contextlib.suppress(*TROUBLE):  # it has ended already
            self.container.kill()
        printed = b""
        with contextlib.suppress(*TROUBLE):  # the engine has lost it, or keeps no logs
            self.container.wait(timeout=10)
            printed = self.container.logs(tail=1000)
        self.sink.write_bytes(printed[-PRINTED_BYTES:])
        with contextlib.suppress(*TROUBLE):  # removed by somebody else
            self.container.remove(force=True, v=True)

    def step_back(self, niceness: int) -> None:
        """As the protocol says: a smaller share of the processors."""
        if niceness:
            with contextlib.suppress(*TROUBLE):  # no such control group here, or it has ended: it keeps its place
                self.container.update(cpu_shares=max(2, round(WEIGHT * 0.8**niceness)))

    def resident_bytes(self) -> int:
        """As the protocol says: the engine's own count takes it seconds, and its processes are in sight here."""
        pid = int(self._state.get("Pid") or 0)
        return resident_bytes(pid) if pid else 0


def _ended(state: Mapping[str, Any]) -> str:
    """The end of a container as text."""
    code = int(state.get("ExitCode", 0))
    if state.get("OOMKilled"):
        return OUT_OF_MEMORY
    if SIGNALLED < code <= SIGNALLED + max(signal.valid_signals()):
        return describe_end(SIGNALLED - code)
    return describe_end(code)
