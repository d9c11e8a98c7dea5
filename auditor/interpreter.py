"""Asks the audited Python: a fresh process, a request file, a reply file, time and memory limits, typed replies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
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


def ask(python: str, request: Request, limits: Limits = Limits()) -> Iterator[Reply | Crashed]:
    """
    Yield the replies of a fresh process as they come, and `Crashed` for a step that took its process down.

    After a crash the remaining steps go on in a new process, so a step costs only itself. A process that dies before it
    is ready takes all its steps with it: asking again would die again.
    """
    steps = list(request.steps)
    while True:
        process = _Process(python, request, steps, limits)
        ready, answered = False, 0
        for reply in process.replies():
            if isinstance(reply, Ready):
                ready = True
            elif request.verb != "list":
                answered += 1
            yield reply
            if isinstance(reply, Failed) and reply.stage:
                return
        if process.problem is None and answered == len(steps):
            return
        problem = process.problem or "ended without an answer"
        if not ready:
            yield Crashed({}, problem, process.stderr)
            return
        if answered >= len(steps):
            return  # it died after its last answer: nothing was lost
        yield Crashed(steps[answered], problem, process.stderr)
        steps = steps[answered + 1 :]
        if not steps:
            return


class _Process:
    """One run of the door."""

    def __init__(
        self, python: str, request: Request, steps: Sequence[Mapping[str, Any]], limits: Limits
    ) -> None:
        self._python = python
        self._request = request
        self._steps = steps
        self._limits = limits
        self.problem: str | None = None
        self.stderr = ""

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
            self.stderr = _tail(streams)

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
                    yield _parse(line)
                if ended:
                    self.problem = _describe_end(child.returncode)
                    return
                if whole:
                    continue
                if len(pending) > LINE_LIMIT_BYTES:
                    self.problem = f"an answer of more than {LINE_LIMIT_BYTES} bytes was refused"
                    return
                if time.monotonic() > deadline:
                    self.problem = f"no answer within {self._limits.step_seconds:g} s (--timeout); it was ended"
                    _abort(child)
                    return
                if _resident_bytes(child.pid) > memory_limit:
                    self.problem = f"used more than {memory_limit / 2**30:.1f} GiB of memory; it was ended"
                    return
                time.sleep(POLL_SECONDS)


def _parse(line: bytes) -> Reply:
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as problem:
        raise InterpreterError(
            f"the audited process wrote a reply line that is none: {line[:120]!r}",
            f"Nothing after it can be trusted. This is a defect of auditor or of a check ({problem.error_count()} errors).",
        ) from problem


def _describe_end(code: int) -> str | None:
    if code == 0:
        return None
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
