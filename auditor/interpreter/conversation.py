"""Sends a request to a new process of the audited Python, and reads typed replies under time and memory limits."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import ValidationError

from ..shipped import folder
from .launcher import Child, Launcher
from .processes import contention
from .replies import Crashed, Failed, NotApplicable, Ok, Ready, Reply, parsed

REPLIES, GATE = "reply.jsonl", "gate"
POLL_SECONDS = 0.02
MEMORY_POLL_SECONDS = 0.5
"""Interval of memory checks: reading a process tree takes milliseconds and disturbs the measurement."""
MEMORY_SHARE = 0.85
"""Share of the memory available at the start; a process above it is ended before the machine swaps."""
STDERR_TAIL_BYTES = 3000
LINE_LIMIT_BYTES = 32 * 1024 * 1024
NO_ROOM = "no space is left for temporary files (TMPDIR)"
LEAST_ROOM_BYTES = 1024 * 1024
"""A disk with less room counts as full when a process ends: an answer with facts takes a fraction of it."""


@dataclass(frozen=True)
class Request:
    """The request to one process."""

    verb: Literal["list", "measure"]
    framework: str = ""
    steps: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    setup: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Extra fields that fact files read, for example `verify_files`."""


@dataclass(frozen=True)
class Limits:
    """The limits of a process."""

    step_seconds: float = 300.0
    """Time without an answer after which the running step counts as hung."""
    niceness: int = 0
    """Its niceness."""


DEFAULT_LIMITS = Limits()


def payload_folder() -> Path:
    """The folder of the payload, whose `__main__.py` is started."""
    return folder("checks")


def ask(
    launcher: Launcher,
    request: Request,
    limits: Limits = DEFAULT_LIMITS,
    stop: threading.Event | None = None,
    gate: threading.Event | None = None,
) -> Iterator[Reply | Crashed]:
    """
    Yield the replies of a new process as they arrive, and `Crashed` for a step that crashed its process.

    After a crash, a new process runs the remaining steps. If a process crashes before it is ready, none of its steps
    run, since a new process would crash too. When `stop` is set, the process is ended and nothing more is yielded. With
    a gate, the process imports, reports that it is ready, and blocks until the gate is set.
    """
    signals = _Signals(stop or threading.Event(), gate)
    steps = list(request.steps)
    while True:
        process = _Process(launcher, request, steps, limits, signals)
        yield from process.replies()
        if signals.stop.is_set() or process.finished():
            return
        yield process.crash()
        steps = process.remaining()
        if not steps:
            return


@dataclass(frozen=True)
class _Signals:
    """The signals from the host to a running process."""

    stop: threading.Event
    gate: threading.Event | None
    """Set when it may begin; None without a gate."""


class _Process:
    """One process of the payload."""

    def __init__(
        self,
        launcher: Launcher,
        request: Request,
        steps: Sequence[Mapping[str, Any]],
        limits: Limits,
        signals: _Signals,
    ) -> None:
        self._launcher = launcher
        self._request = request
        self._steps = steps
        self._limits = limits
        self._stop = signals.stop
        self._gate = signals.gate
        self._shut = signals.gate is not None and not signals.gate.is_set()
        self._contention = contextlib.ExitStack()
        self._problem = ""
        self._stderr = ""
        self._ready = False
        self._fatal = False
        self._answered = 0

    def finished(self) -> bool:
        """Whether every step is answered, or a stage failed in a way that a new process would repeat."""
        complete = self._ready and self._answered >= len(self._steps)
        return self._fatal or (complete and (not self._problem or bool(self._steps)))

    def crash(self) -> Crashed:
        """The crash and its step (empty if the process was not ready)."""
        step = self._steps[self._answered] if self._ready and self._steps else {}
        return Crashed(step, self._problem or "ended without an answer", self._stderr)

    def remaining(self) -> list[Mapping[str, Any]]:
        """The steps after the one that crashed; none if the process was not ready."""
        return list(self._steps[self._answered + 1 :]) if self._ready else []

    def replies(self) -> Iterator[Reply]:
        """Start the process and yield its lines until it ends."""
        with tempfile.TemporaryDirectory(prefix="auditor-") as name, self._contention:
            if not self._shut:
                self._contend()
            scratch = Path(name) / "process"  # a launcher may open it to another user; the folder above stays ours
            scratch.mkdir()
            yield from self._conversation(scratch)

    def _contend(self) -> None:
        if "contention" in self._request.settings:
            self._contention.enter_context(contention())

    def _begin_when_told(self, scratch: Path) -> None:
        """Let a ready process begin when the gate is set, and start contention only then."""
        if self._shut and self._ready and self._gate is not None and self._gate.is_set():
            self._contend()
            (scratch / GATE).touch()
            self._shut = False

    def _conversation(self, scratch: Path) -> Iterator[Reply]:
        (scratch / REPLIES).touch(mode=0o600)
        streams = scratch / "streams"
        child = self._start(scratch, streams)
        try:
            yield from self._follow(child, scratch)
        finally:
            child.end()
            self._stderr = _tail(streams)

    def _start(self, scratch: Path, sink: Path) -> Child:
        request_path = scratch / "request.json"
        request_path.write_text(
            json.dumps(
                {
                    **self._request.context,
                    "framework": self._request.framework,
                    "steps": list(self._steps),
                    "settings": dict(self._request.settings),
                    "setup": self._request.setup,
                    "host": self._launcher.host,
                    "gate": str(scratch / GATE) if self._shut else "",
                }
            ),
            encoding="utf-8",
        )
        door = payload_folder() / "__main__.py"
        # -B only: -I and -E ignore PYTHONHASHSEED, and -s hides frameworks in the user site.
        arguments = ["-B", str(door), self._request.verb, str(request_path), str(scratch / REPLIES)]
        child = self._launcher.start(arguments, self._request.settings, scratch, sink)
        child.step_back(self._limits.niceness)
        return child

    def _accept(self, line: bytes) -> Reply | None:
        """The typed reply; None, with a problem, if the line is not the expected answer."""
        try:
            reply = parsed(line)
        except ValidationError:
            self._problem = f"wrote an invalid reply line: {line[:80]!r}"
            return None
        if isinstance(reply, Ready):
            self._ready = True
        elif isinstance(reply, Failed) and reply.stage:
            self._fatal = True
        elif self._steps and not self._is_due(reply):
            self._problem = f"gave an unexpected answer: {line[:80]!r}"
            return None
        else:
            self._answered += 1
        return reply

    def _is_due(self, reply: Ok | NotApplicable | Failed) -> bool:
        if self._answered >= len(self._steps):
            return False
        step = self._steps[self._answered]
        facts = "" if isinstance(reply, NotApplicable) else reply.facts
        answered = (reply.check, facts, reply.settings)
        return answered == (step.get("check", ""), step.get("facts", ""), step.get("settings") or {})

    def _follow(self, child: Child, scratch: Path) -> Iterator[Reply]:
        """Yield complete reply lines as they are appended, and check time and memory in between."""
        watch = _Watch(child, self._limits)
        pending = b""
        with (scratch / REPLIES).open("rb") as lines:
            while not self._stop.is_set():
                ended = child.poll()
                pending += lines.read()
                *whole, pending = pending.split(b"\n")
                for line in whole:
                    watch.answered()
                    reply = self._accept(line)
                    if reply is None:
                        return
                    yield reply
                self._begin_when_told(scratch)
                if self._shut and self._ready:
                    watch.answered()  # it waits at the gate
                if ended is not None:
                    self._problem = f"{ended}{_shortage(scratch)}" if ended else ""
                    return
                if problem := watch.limit_hit(len(pending)):
                    self._problem = problem
                    return
                time.sleep(POLL_SECONDS)


class _Watch:
    """The limits of one process: time without an answer, memory, length of a line."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child = child
        self._step_seconds = limits.step_seconds
        self._memory_limit_bytes = _available_bytes() * MEMORY_SHARE
        self._memory_due = 0.0
        self.answered()

    def answered(self) -> None:
        """An answer arrived: restart the step's time limit."""
        self._deadline = time.monotonic() + self._step_seconds

    def limit_hit(self, pending_bytes: int) -> str:
        """The exceeded limit as text; empty if none. A hung process is aborted first, so that it writes its stack."""
        now = time.monotonic()
        if pending_bytes > LINE_LIMIT_BYTES:
            return f"gave an answer of more than {LINE_LIMIT_BYTES} bytes, which was refused"
        if now > self._deadline:
            self._child.abort()
            return f"gave no answer within {self._step_seconds:g} s (--timeout) and was ended"
        if now > self._memory_due:
            self._memory_due = now + MEMORY_POLL_SECONDS
            if self._child.resident_bytes() > self._memory_limit_bytes:
                return f"used more than {self._memory_limit_bytes / 2**30:.1f} GiB of memory and was ended"
        return ""


def _shortage(scratch: Path) -> str:
    """What a process that ended may have lacked: room for its answers."""
    full = shutil.disk_usage(scratch).free < LEAST_ROOM_BYTES
    return f"; {NO_ROOM}" if full else ""


def _available_bytes() -> float:
    """The memory that is available now; without /proc it is not known, and no limit holds."""
    try:
        return psutil.virtual_memory().available
    except OSError:
        return math.inf


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - STDERR_TAIL_BYTES))
        return stream.read().decode("utf-8", "replace").strip()
