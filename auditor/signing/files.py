"""Writes files of keys and envelopes atomically, with the final permissions from the start."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def create(path: Path, data: bytes, mode: int) -> None:
    """
    Write a new file atomically. Raises FileExistsError if the name is taken.

    A hard link creates a name atomically and never replaces one: of two processes, one gets FileExistsError.
    """
    with _beside(path, data, mode) as temporary:
        os.link(temporary, path)
    _sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Replace the content of an existing file atomically, keeping its permissions."""
    with _beside(path, data, path.stat().st_mode & 0o777) as temporary:
        temporary.replace(path)
    _sync_folder(path.parent)


@contextlib.contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A complete temporary file in the same folder, removed at the end."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
