"""The journal of a store: one JSON line for each step, on the disk before the step is made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...errors import OutputError

FORMAT = 1
NAME = "journal.jsonl"


class Journal:
    """Appends records."""

    def __init__(self, folder: Path) -> None:
        _without_torn_line(folder / NAME)
        self._file = (folder / NAME).open("a", encoding="ascii")
        sync_folder(folder)

    def write(self, step: str, **what: Any) -> None:
        """Append a record; it is on the disk when this returns."""
        self.note(step, **what)
        os.fsync(self._file.fileno())

    def note(self, step: str, **what: Any) -> None:
        """Append a record without which nothing is lost: it outlives us, and reaches the disk with the next one."""
        self._file.write(json.dumps({"step": step, **what}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(folder: Path) -> list[dict[str, Any]]:
    """
    The records, in order; none if there is no journal. The last line may be torn: that step was not begun.

    Raises OutputError if another version of auditor wrote them, or they are no journal.
    """
    try:
        text = (folder / NAME).read_text("ascii", "replace")
    except FileNotFoundError:
        return []
    records = list(_parsed(text))
    if records and records[0].get("format") != FORMAT:
        raise OutputError(
            f"the journal in {folder} was written by another version of auditor",
            "The files in it were not touched. Restore them with the version that wrote it.",
        )
    return records


def _parsed(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            return  # torn by the end of the process: nothing follows it
        if not isinstance(record, dict):
            return
        yield record


def _without_torn_line(path: Path) -> None:
    """Cut what follows the last whole line: a record behind it could not be read."""
    if path.exists():
        content = path.read_bytes()
        os.truncate(path, content.rfind(b"\n") + 1)


def sync_folder(folder: Path) -> None:
    """Bring the entries of a folder to the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_files(paths: Iterable[str]) -> None:
    """Bring the content of these files to the disk; links and what is gone have none."""
    for path in paths:
        try:
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            os.fsync(number)
        finally:
            os.close(number)


def sync_system(folder: str) -> None:
    """Bring a whole file system to the disk: one call, where an fsync for each of its files takes minutes."""
    import ctypes  # noqa: PLC0415 - only a replay needs it

    number = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(number):
            os.sync()
    finally:
        os.close(number)
