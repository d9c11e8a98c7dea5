"""The bytes of one stream, wherever they are stored."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Extent:
    """The bytes of a stream: a whole file, or a member of a `.trace` file."""

    handle: int | Path
    """A file descriptor that the trace owns, or the file's path."""
    offset: int
    size: int
    crc: int | None = None
    """Of the member, where the container has one."""

    def read(self, position: int, size: int) -> bytes:
        """Bytes from this position of the extent on; fewer at its end."""
        size = min(size, self.size - position)
        if size <= 0:
            return b""
        if isinstance(self.handle, int):
            return os.pread(self.handle, size, self.offset + position)
        with self.handle.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), size, self.offset + position)
