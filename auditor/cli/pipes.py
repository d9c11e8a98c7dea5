"""Standard streams that are closed, full, or lose their reader: `auditor audit | head -1` ends as if all were read."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


NAMES = ("stdin", "stdout", "stderr")
"""The standard streams, in the order of their descriptors."""


class _Pipe(io.FileIO):
    """One end of a pipe. After its reader has gone, what is written is thrown away."""

    def write(self, data: ReadableBuffer, /) -> int:
        """As of any file; a closed pipe is replaced with the null device, also for processes started from now on."""
        try:
            return super().write(data)
        except BrokenPipeError:
            _discard(self.fileno())
            return memoryview(data).nbytes


def prepare() -> None:
    """Open the standard streams that are closed, and let those that are pipes outlive their readers."""
    for descriptor, name in enumerate(NAMES):
        if getattr(sys, name) is None:
            _open(descriptor, name)
    for name in NAMES[1:]:
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and _is_pipe(stream):
            setattr(sys, name, _wrapped(stream))


def finish() -> None:
    """Discard what a stream could not write: the interpreter would write it again at its exit, and fail with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _discard(stream.fileno())


def _open(descriptor: int, name: str) -> None:
    """Put the null device in the place of a closed stream, whose descriptor another file would get."""
    with contextlib.suppress(OSError):
        os.fstat(descriptor)
        return  # it is taken already
    os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)  # the lowest free descriptor, which may be this one
    setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False))


def _discard(descriptor: int) -> None:
    """Let a descriptor write into nothing from now on."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)


def _is_pipe(stream: io.TextIOWrapper) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # no file is behind it: a test or another program reads it
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _wrapped(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
