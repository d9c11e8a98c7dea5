"""Formats that only libraries of the audited interpreter read (HDF5, OCDBT), and SQLite: read by a process of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ... import shipped
from .leaves import Foreign

SCRIPT = "recorders/written/stored.py"
MOST_SECONDS = 120.0
"""For all files of a run."""
MOST_LINES_BYTES = 64 << 20
NO_PYTHON = "no Python process of the command is known that could read it"
NO_ANSWER = "the audited Python did not read it to its end"


@dataclass(frozen=True)
class Reading:
    """What was read of one file: lines, or why there are none."""

    place: str
    path: Path | None = None
    why_not: str = ""

    def lines(self) -> Iterator[str]:
        """Its lines."""
        if self.path is None:
            return
        with self.path.open("rb") as file:
            yield from file.read(MOST_LINES_BYTES).decode(errors="replace").split("\n")


@dataclass(frozen=True)
class Reader:
    """Reads files with the audited interpreter; `target` holds what it writes."""

    python: str
    target: Path

    def read(self, asked: Sequence[Foreign]) -> list[Reading]:
        """A reading for each, in their order."""
        if not asked:
            return []
        if not self.python:
            return [Reading(one.place, why_not=f"{_named(one)}: {NO_PYTHON}") for one in asked]
        outputs = [self.target / f"stored-{number}" for number in range(len(asked))]
        request = self.target / "stored.json"
        tasks = [
            {"kind": one.kind, "path": one.path, "member": one.member, "output": str(output)}
            for one, output in zip(asked, outputs, strict=True)
        ]
        request.write_text(json.dumps(tasks), encoding="utf-8")
        self._run(request)
        return [_reading(one, output) for one, output in zip(asked, outputs, strict=True)]

    def _run(self, request: Path) -> None:
        script = shipped.folder("checks") / SCRIPT
        environment = {**os.environ, "HDF5_USE_FILE_LOCKING": "FALSE"}
        try:
            subprocess.run(
                [self.python, "-B", str(script), str(request)],
                check=False,
                timeout=MOST_SECONDS,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return  # what it did not answer is told file by file


def _reading(one: Foreign, output: Path) -> Reading:
    failed = output.with_name(f"{output.name}.failed")
    if failed.is_file():
        with failed.open("rb") as file:
            return Reading(one.place, why_not=f"{_named(one)}: {file.read(300).decode(errors='replace')}")
    done = output.with_name(f"{output.name}.done")
    if not (done.is_file() and output.is_file()):
        return Reading(one.place, why_not=f"{_named(one)}: {NO_ANSWER}")
    return Reading(one.place, output)


def _named(one: Foreign) -> str:
    return f"{one.kind} in {one.member}" if one.member else one.kind
