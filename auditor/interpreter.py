"""Asks the audited Python: a fresh process, a request file, a reply file, time and memory limits, typed replies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import psutil
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from . import factors
from .errors import InterpreterError
from .manifest import Fact
from .shipped import folder

POLL_SECONDS = 0.02
GRACE_SECONDS = 2.0
"""Between SIGABRT (faulthandler then writes where it hung) and SIGKILL."""
MEMORY_SHARE = 0.85
"""Of the memory available when the process starts; above it the process is ended before the machine swaps or dies."""
STDERR_TAIL_BYTES = 3000
LINE_LIMIT_BYTES = 32 * 1024 * 1024


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Ready(_Reply):
    """The process is prepared; its steps follow."""

    tag: Literal["ready"]


class Ok(_Reply):
    """One step's answer: facts of a group, repeats of a check, or a check's declaration."""

    tag: Literal["ok"]
    facts: str = ""
    check: str = ""
    framework: str = ""
    doc: str = ""
    declaration: dict[str, JsonValue] = {}
    keys: dict[str, dict[str, str]] = {}
    when: Literal["before", "after"] = "before"
    values: dict[str, Fact] = {}
    repeats: list[dict[str, JsonValue]] = []
    seconds: JsonValue = None


class Absent(_Reply):
    """A check that makes no sense here, and why."""

    tag: Literal["not-applicable"]
    check: str
    reason: str


class Failed(_Reply):
    """A step, or the whole process at a `stage`, failed with a known error."""

    tag: Literal["error"]
    check: str = ""
    facts: str = ""
    stage: str = ""
    error: str
    message: JsonValue
    traceback: JsonValue = ""


@dataclass(frozen=True)
class Crashed:
    """A process that ended before a step's answer: what is known of its end."""

    step: Mapping[str, Any]
    """The step that was running; empty when the process died before its first."""
    problem: str
    """What happened, in words: signal, exit code, time limit, memory limit."""
    stderr: str
    """The end of what it wrote."""


Reply = Ready | Ok | Absent | Failed
_ADAPTER: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="tag")])


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


DEFAULT_LIMITS = Limits()


def ask(
    python: str, request: Request, limits: Limits = DEFAULT_LIMITS, stop: threading.Event | None = None
) -> Iterator[Reply | Crashed]:
    """
    Yield the replies of a fresh process as they come, and `Crashed` for a step that took its process down.

    After a crash the remaining steps go on in a new process, so a step costs only itself. A process that dies before it
    is ready takes all its steps with it: asking again would die again. When `stop` is set the process is ended and
    nothing more is yielded.
    """
    stop = stop or threading.Event()
    steps = list(request.steps)
    while True:
        process = _Process(python, request, steps, limits, stop)
        yield from process.replies()
        if stop.is_set() or process.finished():
            return
        yield process.crash()
        steps = process.remaining()
        if not steps:
            return


class _Process:
    """One run of the door."""

    def __init__(
        self,
        python: str,
        request: Request,
        steps: Sequence[Mapping[str, Any]],
        limits: Limits,
        stop: threading.Event,
    ) -> None:
        self._python = python
        self._request = request
        self._steps = steps
        self._limits = limits
        self._stop = stop
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
        with tempfile.TemporaryDirectory(prefix="auditor-") as name:
            scratch = Path(name)
            with contextlib.ExitStack() as stack:
                if "contention" in self._request.settings:
                    stack.enter_context(_contention())
                yield from self._conversation(scratch)

    def _conversation(self, scratch: Path) -> Iterator[Reply]:
        reply_path = scratch / "reply.jsonl"
        reply_path.touch(mode=0o600)
        streams = scratch / "streams"
        try:
            with streams.open("wb") as sink:
                child = self._start(scratch, reply_path, sink)
        except OSError as problem:
            raise InterpreterError(
                f"{self._python} could not be started: {problem.strerror or problem}",
                "Nothing could be measured. Give the path of a working interpreter with --python.",
            ) from problem
        try:
            yield from self._follow(child, reply_path)
        finally:
            _end(child)
            self._stderr = _tail(streams)

    def _start(self, scratch: Path, reply_path: Path, sink: Any) -> subprocess.Popen[bytes]:
        request_path = scratch / "request.json"
        request_path.write_text(
            json.dumps(
                {
                    **self._request.context,
                    "framework": self._request.framework,
                    "steps": list(self._steps),
                    "settings": dict(self._request.settings),
                    "setup": self._request.setup,
                }
            ),
            encoding="utf-8",
        )
        door = folder("checks") / "__main__.py"
        # -B only: -I and -E ignore PYTHONHASHSEED, -s hides user-site frameworks (verified trap 2).
        return subprocess.Popen(
            [self._python, "-B", str(door), self._request.verb, str(request_path), str(reply_path)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env=factors.environment(self._request.settings, os.environ, scratch),
            start_new_session=True,
        )

    def _accept(self, line: bytes) -> Reply | None:
        """The typed reply, counted; None when the line is not the answer that is due (the problem says so)."""
        try:
            reply = _ADAPTER.validate_json(line)
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
        return (reply.check, facts) == (step.get("check", ""), step.get("facts", ""))

    def _follow(self, child: subprocess.Popen[bytes], reply_path: Path) -> Iterator[Reply]:
        """Yield whole lines as they are appended; watch time and memory between them."""
        memory_limit = psutil.virtual_memory().available * MEMORY_SHARE
        deadline = time.monotonic() + self._limits.step_seconds
        pending = b""
        with reply_path.open("rb") as lines:
            while True:
                ended = child.poll() is not None
                pending += lines.read()
                *whole, pending = pending.split(b"\n")
                for line in whole:
                    deadline = time.monotonic() + self._limits.step_seconds
                    reply = self._accept(line)
                    if reply is None:
                        return
                    yield reply
                if ended:
                    self._problem = self._problem or _describe_end(child.returncode)
                    return
                if self._stop.is_set():
                    return
                if whole:
                    continue
                if len(pending) > LINE_LIMIT_BYTES:
                    self._problem = f"an answer of more than {LINE_LIMIT_BYTES} bytes was refused"
                    return
                if time.monotonic() > deadline:
                    self._problem = f"no answer within {self._limits.step_seconds:g} s (--timeout); it was ended"
                    _abort(child)
                    return
                if _resident_bytes(child.pid) > memory_limit:
                    self._problem = f"used more than {memory_limit / 2**30:.1f} GiB of memory; it was ended"
                    return
                time.sleep(POLL_SECONDS)


def _describe_end(code: int) -> str:
    if code == 0:
        return ""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return f"exit code {code}"


def _abort(child: subprocess.Popen[bytes]) -> None:
    """SIGABRT lets faulthandler write the Python line it hung at."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGABRT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and everything that it started, in its own group or out of it."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(child.pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for relative in family:
        with contextlib.suppress(psutil.Error):
            relative.kill()
    child.wait()


def _resident_bytes(pid: int) -> int:
    """Resident memory of a process and its children; 0 when it has just ended."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += int(member.memory_info().rss)
    return total


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - STDERR_TAIL_BYTES))
        return stream.read().decode("utf-8", "replace").strip()


@contextlib.contextmanager
def _contention() -> Iterator[None]:
    """Busy processes on every processor, for the factor of that name."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
