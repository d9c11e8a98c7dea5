"""
What a build is given: a folder as a tar whose bytes depend on the files' contents alone.

`docker build` sends owners, modes and times as they lie on this machine, and a `COPY` keeps them: the same
specification from another checkout would give another image. Here they are root's, 644 or 755, and the specification's
own time.
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
"""A log of the build before must not make this one another."""
_EPOCH = re.compile(r"^\s*(?:ENV|ARG)\s(?:.*\s)?SOURCE_DATE_EPOCH[= ]\"?(\d{1,10})(?!\d)", re.MULTILINE)


def source_date_epoch(folder: Path) -> int | None:
    """The seconds since 1970 that a folder's Dockerfile sets as SOURCE_DATE_EPOCH; None when it sets none."""
    found = _EPOCH.search((folder / DOCKERFILE).read_text("utf-8", "replace"))
    return int(found[1]) if found else None


@contextmanager
def packed(folder: Path, wheels: Sequence[Wheel] | None, epoch: int | None) -> Iterator[IO[bytes]]:
    """
    The folder as a tar in a temporary file; with `wheels`, those in the place of what lies in its wheels/.

    A file keeps its time only where there is no epoch. Raises EngineError where the temporary folder is full, and
    OutputError where a wheel is no longer the one that was checked.
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
                "Nothing was built. Make room there, or name another folder in TMPDIR.",
            ) from problem
        handle.seek(0)
        yield handle


def size_bytes(folder: Path, wheels: Sequence[Wheel] | None) -> int:
    """About how large the tar will be."""
    files = sum(path.lstat().st_size for path in _paths(folder, wheels))
    return files + sum(wheel.size for wheel in wheels or ())


def _paths(folder: Path, wheels: Sequence[Wheel] | None) -> list[Path]:
    """What of the folder goes in: all but its own .dockerignore's words, logs, and wheels that were not checked."""
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
            "Nothing was built. Only files, folders and links belong into a specification's folder.",
        )
    if member.islnk():  # two names of one file here: two files there
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
    """A wheel, digested again as it passes: between the check and now somebody may have put another there."""
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
        f"{wheel.path.name} changed after it was checked", "Nothing was built. Let nothing write there meanwhile."
    )


class _Digesting:
    """A file that is digested while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data
