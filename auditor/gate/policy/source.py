"""Where a policy stands: the one file of a project, in the working tree or in a revision."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from . import read, toml
from .tables import Policy

NAMES = (read.AUDITOR_FILE, read.PROJECT_FILE)
Reader = Callable[[str], "bytes | None"]
"""From a file's path, relative to the policy's folder, to its bytes; None if it does not exist."""


@dataclass(frozen=True)
class Source:
    """A policy and where it came from."""

    policy: Policy
    folder: Path
    """The folder of the policy, in the working tree."""
    name: str = ""
    """The file's name; empty if there is none, so that defaults apply."""
    sha256: str = hashlib.sha256(b"").hexdigest()
    """The digest of the file."""
    revision: str = ""
    """The full id of the commit that it was taken from; empty for the working tree."""
    read: Reader = lambda _: None
    """Reads other files that belong to the policy: baseline and trust file."""

    @property
    def told(self) -> str:
        """The policy's place, for people."""
        if not self.name:
            return "no policy: defaults apply"
        return f"{self.name} of {self.revision[:12]}" if self.revision else self.name


def nearest_folder(start: Path) -> Path:
    """
    The nearest folder from here up that holds a policy; the start itself without one.

    The search ends at the top of a git checkout; outside of one only the start counts: a file in /tmp is no policy.
    """
    start = start.resolve()
    above = [start, *start.parents]
    top = next((number for number, folder in enumerate(above) if (folder / ".git").exists()), 0)
    for folder in above[: top + 1]:
        if _table(reader_of(folder)) is not None:
            return folder
    return start


def in_working_tree(start: Path) -> Source:
    """The policy that applies in a folder. Raises UsageError for an invalid one, or for two."""
    folder = nearest_folder(start)
    return from_reader(reader_of(folder), folder)


def from_reader(reader: Reader, folder: Path, revision: str = "") -> Source:
    """The policy that a reader of a folder's files gives. Raises UsageError."""
    found = _table(reader)
    if found is None:
        return Source(Policy(), folder, revision=revision, read=reader)
    name, data = found
    told = f"{name} of {revision[:12]}" if revision else name
    table = read.table_of(data, name) or {}
    return Source(read.policy(table, told), folder, name, hashlib.sha256(data).hexdigest(), revision, reader)


def reader_of(folder: Path) -> Reader:
    """A reader of the files in a folder of the working tree."""

    def reader(relative: str) -> bytes | None:
        path = folder / relative
        try:
            with path.open("rb") as handle:
                return handle.read(toml.LARGEST_BYTES + 1) if relative in NAMES else handle.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise UsageError(
                f"{path} cannot be read: {problem.strerror or problem}", "Nothing was judged. Check its permissions."
            ) from problem

    return reader


def _table(reader: Reader) -> tuple[str, bytes] | None:
    """Name and bytes of the one file with a policy. Raises UsageError if both files have one."""
    found = [(name, data) for name in NAMES if (data := reader(name)) is not None and _has_table(data, name)]
    if len(found) > 1:
        raise UsageError(
            f"{read.AUDITOR_FILE} stands beside a [tool.auditor] table in {read.PROJECT_FILE}",
            "Nothing was judged, since it is not clear which one counts. Keep one of them.",
        )
    return found[0] if found else None


def _has_table(data: bytes, name: str) -> bool:
    return read.table_of(data, name) is not None
