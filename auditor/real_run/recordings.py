"""Reads the recordings of a real run's processes, as untrusted data, and removes secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import JsonValue, ValidationError

from ..catalogue.catalogue import FactGroup
from ..frameworks import FRAMEWORKS
from ..interpreter.replies import RECORDED, Failed, Ok, Recorded, Started, Taken, Taking
from ..manifest.models import Fact
from ..privacy.modes import Privacy

MOST_PROCESSES = 1000
"""Largest number of processes that are read: a build can start thousands, and each takes about 60 KiB of the result."""
LIMIT_BYTES = 32 * 1024 * 1024
"""Largest size of one process's reply file."""
MESSAGE_LIMIT_BYTES = 2000
"""Of a process that could not be recorded."""

NOT_SEEN = "its end was not recorded: it was killed by a signal, called os._exit or exec, or is still running"
CUT_OFF = "its facts are incomplete: the process was killed while it exited"


@dataclass
class Process:
    """One Python process of a real run."""

    token: str
    """Its id among the recordings: process id and start time."""
    pid: int = 0
    parent: str = ""
    """The token of its recorded ancestor."""
    program: str = ""
    worker: str = ""
    frameworks: tuple[str, ...] = ()
    executable: str = ""
    """Its interpreter's real path, needed to start it again; never written to output."""
    facts: dict[str, Fact] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """What could not be recorded, and why."""
    answered: bool = False
    complete: bool = False

    @property
    def recorded(self) -> bool:
        """Whether it has facts."""
        return bool(self.facts)


def read(folder: Path, groups: Sequence[FactGroup], privacy: Privacy) -> tuple[list[Process], int]:
    """The processes in the order of their start, and the number of those beyond `MOST_PROCESSES`."""
    paths = sorted((path for path in folder.glob("*.jsonl") if path.is_file()), key=_age)
    found = [_process(path, groups, privacy) for path in paths[:MOST_PROCESSES]]
    return found, len(paths[MOST_PROCESSES:])


def failures(folder: Path) -> list[str]:
    """Why processes could not be recorded at all, without secrets: the last message of each that failed in `folder`."""
    found = []
    for path in sorted(folder.glob("failed-*.jsonl")):
        with path.open("rb") as message:
            lines = message.read(MESSAGE_LIMIT_BYTES).splitlines()
        try:
            line = Failed.model_validate_json(lines[-1] if lines else b"")
            text = f"{line.error}: {line.message}"
        except ValidationError:
            text = "it gives no reason"
        found.append(f"a process could not be recorded: {Privacy().written(text)}")
    return [*dict.fromkeys(found)]


def running(folder: Path) -> list[int]:
    """Ids of recorded processes that still run and whose recordings are incomplete."""
    alive = []
    for path in folder.glob("*-*.jsonl"):
        pid = path.name.partition("-")[0]
        if pid.isdigit() and path.is_file() and not _complete(path) and _lives(int(pid)):
            alive.append(int(pid))
    return alive


def _lives(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _complete(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 200))
        return b'"tag": "taken"' in handle.read()


def _age(path: Path) -> tuple[int, str]:
    """Sort key: the start time in the file's name."""
    _, _, stamp = path.stem.partition("-")
    try:
        return int(stamp, 16), path.name
    except ValueError:
        return 0, path.name


def _process(path: Path, groups: Sequence[FactGroup], privacy: Privacy) -> Process:
    process = Process(_text(path.stem, privacy))
    with path.open("rb") as handle:
        content = handle.read(LIMIT_BYTES + 1)
    if len(content) > LIMIT_BYTES:
        process.problems.append(f"its recording of more than {LIMIT_BYTES} bytes was refused")
        return process
    for line in content.splitlines():
        try:
            _file(process, RECORDED.validate_json(line), groups, privacy)
        except ValidationError:
            process.problems.append(f"wrote an invalid reply line: {line[:80]!r}")
    if not process.answered and not process.problems:
        process.problems.append(NOT_SEEN)
    elif process.answered and not process.complete:
        process.problems.append(CUT_OFF)
    return process


def _file(process: Process, line: Recorded, groups: Sequence[FactGroup], privacy: Privacy) -> None:
    match line:
        case Started():
            process.pid, process.parent, process.program = line.pid, line.parent, _text(line.program, privacy)
        case Taking():
            process.program, process.worker = _text(line.program, privacy), _text(line.worker, privacy)
            process.frameworks = tuple(name for name in line.frameworks if name in FRAMEWORKS)
            process.executable = str(line.executable)
            process.answered = True
        case Ok():
            values = Ok.model_validate(privacy.written(line.model_dump(mode="json"))).values
            process.facts.update(values)
        case Failed():
            told = _text(f"{line.error}: {line.message}", privacy)
            process.problems.append(f"{line.facts}: {told}" if line.facts else told)
            process.facts.update(_lost(line.facts, told, groups))
        case Taken():
            process.complete = True


def _lost(group: str, reason: str, groups: Sequence[FactGroup]) -> dict[str, Fact]:
    """Every key of a failed group, as an error with the reason."""
    return {
        key: Fact.model_validate({"state": "error", "role": declared["role"], "reason": reason})
        for known in groups
        if known.name == group
        for key, declared in known.keys.items()
    }


def _text(value: JsonValue, privacy: Privacy) -> str:
    return str(privacy.written(value if isinstance(value, str) else str(value)))
