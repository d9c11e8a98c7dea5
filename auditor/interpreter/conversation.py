"""Asks the audited Python: a fresh process, a request file, a reply file, time and memory limits, typed replies."""

from __future__ import annotations

import contextlib
import json
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
from .replies import ADAPTER, Absent, Crashed, Failed, Ok, Ready, Reply

REPLIES, GATE = "reply.jsonl", "gate"
POLL_SECONDS = 0.02
MEMORY_POLL_SECONDS = 0.5
"""Walking a family of processes costs milliseconds, which would be taken from what is measured."""
MEMORY_SHARE = 0.85
"""Of the memory available when the process starts; above it the process is ended before the machine swaps or dies."""
STDERR_TAIL_BYTES = 3000
LINE_LIMIT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """What one process is asked to do."""

    verb: Literal["list", "facts", "measure"]
    framework: str = ""
    steps: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    setup: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Extra fields that files of facts read (for example `verify_files`)."""


@dataclass(frozen=True)
class Limits:
    """What a process may take."""

    step_seconds: float = 300.0
    """Without an answer for this long, the running step is taken for hung."""
    niceness: int = 0
    """How far it steps back for the others that run beside it."""


DEFAULT_LIMITS = Limits()


def payload_folder() -> Path:
    """The folder of the payload, whose door is asked."""
    return folder("checks")


def ask(
    launcher: Launcher,
    request: Request,
    limits: Limits = DEFAULT_LIMITS,
    stop: threading.Event | None = None,
    gate: threading.Event | None = None,
) -> Iterator[Reply | Crashed]:
    """
    Yield the replies of a fresh process as they come, and `Crashed` for a step that took its process down.

    After a crash the remaining steps go on in a new process, so a step costs only itself. A process that dies before it
    is ready takes all its steps with it: asking again would die again. When `stop` is set the process is ended and
    nothing more is yielded. With a gate the process imports, says that it is ready, and begins when the gate is set.
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
    """What the host says to a process while it runs."""

    stop: threading.Event
    gate: threading.Event | None
    """Set when it may begin; None where it need not wait."""


class _Process:
    """One run of the door."""

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
        """Whether every step has its answer, or a stage failed in a way that another process would repeat."""
        complete = self._ready and self._answered >= len(self._steps)
        return self._fatal or (complete and (not self._problem or bool(self._steps)))

    def crash(self) -> Crashed:
        """What took it down, and at which step (none when it was not ready yet)."""
        step = self._steps[self._answered] if self._ready and self._steps else {}
        return Crashed(step, self._problem or "ended without an answer", self._stderr)

    def remaining(self) -> list[Mapping[str, Any]]:
        """The steps after the guilty one; none when it died before it was ready, for it would die again."""
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
        """Once it is ready, let it begin when the gate is set; nothing disturbs others before that."""
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
        # -B only: -I and -E ignore PYTHONHASHSEED, -s hides user-site frameworks (docs/explanation/architecture.md).
        arguments = ["-B", str(door), self._request.verb, str(request_path), str(scratch / REPLIES)]
        child = self._launcher.start(arguments, self._request.settings, scratch, sink)
        child.step_back(self._limits.niceness)
        return child

    def _accept(self, line: bytes) -> Reply | None:
        """The typed reply, counted; None when the line is not the answer that is due (the problem says so)."""
        try:
            reply = ADAPTER.validate_json(line)
        except ValidationError:
            self._problem = f"wrote something that is no reply line: {line[:80]!r}"
            return None
        if isinstance(reply, Ready):
            self._ready = True
        elif isinstance(reply, Failed) and reply.stage:
            self._fatal = True
        elif self._steps and not self._is_due(reply):
            self._problem = f"answered out of turn: {line[:80]!r}"
            return None
        else:
            self._answered += 1
        return reply

    def _is_due(self, reply: Ok | Absent | Failed) -> bool:
        if self._answered >= len(self._steps):
            return False
        step = self._steps[self._answered]
        facts = "" if isinstance(reply, Absent) else reply.facts
        answered = (reply.check, facts, reply.settings)
        return answered == (step.get("check", ""), step.get("facts", ""), step.get("settings") or {})

    def _follow(self, child: Child, scratch: Path) -> Iterator[Reply]:
        """Yield whole lines as they are appended; watch time and memory between them."""
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
                    watch.answered()  # it waits for us, not we for it
                if ended is not None:
                    self._problem = ended
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
        self._memory_limit_bytes = psutil.virtual_memory().available * MEMORY_SHARE
        self._memory_due = 0.0
        self.answered()

    def answered(self) -> None:
        """An answer came: the next step has all of its time."""
        self._deadline = time.monotonic() + self._step_seconds

    def limit_hit(self, pending_bytes: int) -> str:
        """What limit was passed, in words; empty when none was. A hung process first says where it hangs."""
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


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - STDERR_TAIL_BYTES))
        return stream.read().decode("utf-8", "replace").strip()
