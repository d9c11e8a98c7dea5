"""
The build context: a folder as a tar whose bytes depend only on the files' contents.

`docker build` sends the owners, modes and times of this machine, and `COPY` keeps them, so that another checkout gives
another image. Here the owner is root, the mode is 644 or 755, and the time is that of the specification.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ...errors import EngineError, OutputError, UsageError
from .checked_wheels import Wheel

DOCKERFILE = "Dockerfile"
LOG = "build.log"
WHEELS = "wheels"
IGNORED = (LOG, ".git")
"""Files that are not part of the context, so that an earlier log does not change the image."""
_EPOCH = re.compile(r"^\s*(?:ENV|ARG)\s(?:.*\s)?SOURCE_DATE_EPOCH[= ]\"?(\d{1,10})(?!\d)", re.MULTILINE)


def source_date_epoch(folder: Path) -> int | None:
    """The seconds since 1970 that a folder's Dockerfile sets as SOURCE_DATE_EPOCH; None if it sets none."""
    found = _EPOCH.search((folder / DOCKERFILE).read_text("utf-8", "replace"))
    return int(found[1]) if found else None


@contextmanager
def packed(folder: Path, wheels: Sequence[Wheel] | None, epoch: int | None) -> Iterator[IO[bytes]]:
    """
    The folder as a tar in a temporary file; `wheels` replace the content of its wheels/.

    Files keep their times only without an epoch. Raises EngineError if the temporary folder is full, and OutputError if
    a wheel changed after it was checked.
    """
    with tempfile.TemporaryFile(prefix="auditor-context-") as handle:
        try:
            with tarfile.open(fileobj=handle, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for path in _paths(folder, wheels):
                    _add(archive, path, path.relative_to(folder).as_posix(), epoch)
                for wheel in wheels or ():
                    _add_wheel(archive, wheel, epoch)
            handle.flush()
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise EngineError(
                f"out of disk while packing {folder} in {tempfile.gettempdir()}: {problem.strerror}",
                "Nothing was built. Free space there, or name another folder in TMPDIR.",
            ) from problem
        handle.seek(0)
        yield handle


def size_bytes(folder: Path, wheels: Sequence[Wheel] | None) -> int:
    """The approximate size of the tar."""
    files = sum(path.lstat().st_size for path in _paths(folder, wheels))
    return files + sum(wheel.size for wheel in wheels or ())


def _paths(folder: Path, wheels: Sequence[Wheel] | None) -> list[Path]:
    """The files of the context: all except those in .dockerignore, logs, and unchecked wheels."""
    from docker.utils import exclude_paths  # noqa: PLC0415 - a command that needs no engine shall not pay for it

    ignore = folder / ".dockerignore"
    words = ignore.read_text("utf-8", "replace").splitlines() if ignore.is_file() else []
    patterns = [word.strip() for word in words if word.strip() and not word.startswith("#")]
    names: Iterable[str] = exclude_paths(str(folder), [*patterns, *IGNORED], dockerfile=DOCKERFILE)
    unchecked = re.compile(rf"{WHEELS}/(?!README$).*", re.DOTALL) if wheels is not None else re.compile(r"(?!)")
    return [folder / name for name in sorted(names) if not unchecked.fullmatch(name)]


def _member(archive: tarfile.TarFile, path: Path, name: str, epoch: int | None) -> tarfile.TarInfo:
    member = archive.gettarinfo(str(path), name)
    if member is None or not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise UsageError(
            f"{path} is a socket, a pipe or a device",
            "Nothing was built. A specification's folder may contain only files, folders and links.",
        )
    if member.islnk():  # a hard link becomes a second file
        member.type, member.linkname, member.size = tarfile.REGTYPE, "", path.stat().st_size
    executable = member.isdir() or member.mode & stat.S_IXUSR
    member.mode = 0o755 if executable else 0o644
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = int(member.mtime) if epoch is None else epoch
    return member


def _add(archive: tarfile.TarFile, path: Path, name: str, epoch: int | None) -> None:
    member = _member(archive, path, name, epoch)
    if not member.isreg():
        archive.addfile(member)
        return
    with path.open("rb") as content:
        archive.addfile(member, content)


def _add_wheel(archive: tarfile.TarFile, wheel: Wheel, epoch: int | None) -> None:
    """Add a wheel, and verify its digest again while it is read."""
    path = wheel.path.resolve()
    member = _member(archive, path, f"{WHEELS}/{wheel.path.name}", epoch)
    with path.open("rb") as content:
        passing = _Digesting(content)
        try:
            archive.addfile(member, passing)
        except OSError as problem:
            if problem.errno or os.fstat(content.fileno()).st_size >= member.size:
                raise
            raise _changed(wheel) from problem
    if passing.digest.hexdigest() != wheel.sha256:
        raise _changed(wheel)


def _changed(wheel: Wheel) -> OutputError:
    return OutputError(
        f"{wheel.path.name} changed after it was checked",
        "Nothing was built. Make sure that no program writes to the folder during a build.",
    )


class _Digesting:
    """A file whose digest is computed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data
