"""The two output streams of a command: kept in files, digested, and optionally passed through."""

from __future__ import annotations

import hashlib
import os
import selectors
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

READ_BYTES = 1 << 16


@dataclass(frozen=True)
class Printed:
    """What the command wrote to one stream."""

    path: Path
    sha256: str
    size: int
    attributed: bool = False
    """Whether it is known of each line which process printed it, and the lines of each stand together."""


class Output:
    """Reads the command's two streams while it runs."""

    def __init__(self, child: subprocess.Popen[bytes], folder: Path, *, show: bool) -> None:
        self._paths = folder / "stdout", folder / "stderr"
        self._digests = hashlib.sha256(), hashlib.sha256()
        self._sizes = [0, 0]
        self._selector = selectors.DefaultSelector()
        self._kept: list[BinaryIO] = [path.open("wb") for path in self._paths]
        self._shown: list[BinaryIO | None] = [sys.stdout.buffer, sys.stderr.buffer] if show else [None, None]
        self._pipes = [pipe for pipe in (child.stdout, child.stderr) if pipe]
        for number, pipe in enumerate(self._pipes):
            self._selector.register(pipe, selectors.EVENT_READ, number)

    def __enter__(self) -> Output:  # noqa: PYI034 - `Self` is of Python 3.11, and nothing inherits
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close every pipe and file."""
        self._selector.close()
        for file in (*self._pipes, *self._kept):
            file.close()

    def wait(self, seconds: float) -> None:
        """Wait at most so long for output and take it in."""
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, READ_BYTES)
            if data:
                self._take(key.data, data)
            else:
                self._selector.unregister(key.fileobj)

    def more(self) -> bool:
        """Take in available output; returns whether a process may still write."""
        self.wait(0)
        return bool(self._selector.get_map())

    def _take(self, number: int, data: bytes) -> None:
        self._digests[number].update(data)
        self._sizes[number] += len(data)
        self._kept[number].write(data)
        shown = self._shown[number]
        if shown:
            try:
                shown.write(data)
                shown.flush()
            except BrokenPipeError:  # our own reader is gone; the experiment goes on
                self._shown[number] = None

    def printed(self) -> tuple[Printed, Printed]:
        """What was written, once everything is closed."""
        first, second = (
            Printed(path, digest.hexdigest(), size)
            for path, digest, size in zip(self._paths, self._digests, self._sizes, strict=True)
        )
        return first, second
