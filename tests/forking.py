"""
The launcher of tests: forks a process that has imported the framework already, where that makes no difference.

Forks of one server share their hash seed and the layout of their memory. So an arm that changes the layout, and what
needs no framework, get a process of their own. Tests of whole audits use `auditor.interpreter.launcher.Here`: there
processes differ in everything.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.audit import plan
from auditor.catalogue import catalogue
from auditor.factors import factors
from auditor.interpreter.launcher import Here, LocalChild
from auditor.interpreter.processes import describe_end

SERVER = Path(__file__).parent / "fork_server.py"
MOST_SERVERS = 10
"""Alive at the same time: one of TensorFlow takes 600 MB."""
READ_LATE = ("PYTEST_CURRENT_TEST", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "XDG_CACHE_HOME")
"""Variables that no import reads, so that a child may have its own."""


class Server:
    """One fork server, and its children."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it, and wait until it has imported what it is told to."""
        self._lock = threading.Lock()
        self._children: set[int] = set()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
            text=True,
        )
        self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a fork server has ended: {describe_end(self._process.wait())}")
        return json.loads(line)

    def ask(self, **request: object) -> dict[str, Any]:
        """The answer to one request."""
        assert self._process.stdin
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def fork(self, **request: object) -> Forked:
        """A child that serves this request."""
        pid = self.ask(**request)["pid"]
        self._children.add(pid)
        return Forked(self, pid)

    def poll(self, pid: int) -> int | None:
        """The exit code of a child that has ended."""
        code = self.ask(poll=pid)["code"]
        if code is not None:
            self._children.discard(pid)
        return code

    def idle(self) -> bool:
        """Whether no child of it lives."""
        return not self._children

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()


class Forked:
    """A forked child with the methods of `subprocess.Popen` that a launcher uses."""

    def __init__(self, server: Server, pid: int) -> None:
        """The child with this number."""
        self._server, self.pid = server, pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        if self._code is None:
            self._code = self._server.poll(self.pid)
        return self._code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked child", timeout or 0)
            time.sleep(0.005)
        return code


_servers: dict[tuple[object, ...], Server] = {}
_starting = threading.Lock()


def _server(key: tuple[object, ...], command: Sequence[str], environment: Mapping[str, str]) -> Server:
    """The server of this key, the one used last at the end; idle ones beyond the limit are ended."""
    with _starting:
        found = _servers.pop(key, None) or Server(command, environment)
        _servers[key] = found
        for old in [name for name, server in _servers.items() if server.idle() and server is not found]:
            if len(_servers) > MOST_SERVERS:
                _servers.pop(old).close()
        return found


@atexit.register
def close_all() -> None:
    """End every server."""
    while _servers:
        _servers.popitem()[1].close()


@dataclass(frozen=True)
class Forking:
    """A launcher of this machine that forks where it may."""

    python: str

    @property
    def host(self) -> int:
        """As the protocol says."""
        return os.getpid()

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], scratch: Path, sink: Path) -> LocalChild:
        """As the protocol says."""
        request = json.loads(Path(arguments[3]).read_text(encoding="utf-8"))
        if not may_fork(request):
            return Here(self.python).start(arguments, settings, scratch, sink)
        environment = factors.environment(settings, os.environ, scratch)
        kept = {name: value for name, value in environment.items() if name not in READ_LATE}
        needs, door = needed(request["steps"]), arguments[1]
        key = (self.python, door, request["framework"], needs, *sorted(kept.items()))
        command = [self.python, "-B", str(SERVER), door, request["framework"], *needs]
        server = _server(key, command, kept)
        sink.touch()
        child = server.fork(command=[*arguments[1:]], environment=environment, sink=str(sink), folder=str(Path.cwd()))
        return LocalChild(child)


def may_fork(request: Mapping[str, Any]) -> bool:
    """Whether a fork serves a request as a process of its own would: JAX reads where its cache is when imported."""
    settings = request["settings"]
    cold = request["framework"] == "jax" and settings.get("compile-cache", "own") != "own"
    return bool(request["framework"]) and "address-layout" not in settings and not cold


def needed(steps: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What the checks of these steps import beside the framework; NumPy is there with each, Keras with TensorFlow."""
    known = {check.id: check for check in catalogue.load().checks}
    checks = [known[step["check"]] for step in steps if step.get("check") in known]
    names = {name for check in checks for name in check.needs} - {"numpy"}
    if any(plan.process_of(check) == "tensorflow" for check in checks):
        names -= {"keras", "tensorflow"}
    elif "keras" in names:
        names.add("tensorflow")  # Keras imports it at its first seed, whatever its backend
    if any(plan.process_of(check) == "torch" and "compile-cache" in check.steady for check in checks):
        names.add("torch._inductor.compile_fx")  # 3 s, which every use of the compiler takes
    return tuple(sorted(names))
