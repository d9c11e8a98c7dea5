"""The output of a build, with secrets redacted: writes the log, reports progress, and makes errors."""

from __future__ import annotations

import collections
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from ...errors import EngineError
from ...privacy.secret_shapes import REDACTED
from ...privacy.secrets import redact
from ...quoting.inert import visible
from .client import is_out_of_disk, out_of_disk

LAST_LINES = 12
NO_BASE = re.compile(
    r"manifest (?:unknown|for .* not found)|pull access denied|repository .* not found|no such host|dial tcp"
    r"|failed to (?:create LLB definition|resolve (?:reference|source metadata))|server misbehaving"
    r"|pinging container registry|invalid reference format|error getting credentials|toomanyrequests"
    r"|unauthorized|no matching manifest",
    re.IGNORECASE,
)
_STEP = re.compile(r"(?:Step \d+/\d+ : .*|#\d+ \[[^\]]*\d+/\d+\] .*|(?:\[\d+/\d+\] )?STEP \d+/\d+: .*)")
"""The step lines of the classic builder, BuildKit and podman."""
_USER_INFORMATION = re.compile(r"://([^\s/@]+)@")


class Journal:
    """The output of one build."""

    def __init__(
        self, log: TextIO | None, progress: Callable[[str], None] | None, buildargs: Mapping[str, str], where: str
    ) -> None:
        self._log = log
        self._progress = progress
        self._secrets = {**os.environ, **buildargs}
        self._words = sorted(_credentials(buildargs.values()), key=len, reverse=True)
        self._where = where
        self._rest = ""
        self._last: collections.deque[str] = collections.deque(maxlen=LAST_LINES)
        self.step = ""
        """The current step of the Dockerfile, as the builder prints it."""

    def write(self, text: str) -> None:
        """Handle a piece of output, which may end inside a line."""
        *lines, self._rest = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            self.line(line)

    def line(self, text: str) -> None:
        """Handle one line."""
        clean = self.clean(text)
        if not clean.strip():
            return
        if _STEP.fullmatch(clean):
            self.step = clean
        self._last.append(clean)
        if self._log:
            self._log.write(f"{clean}\n")
            self._log.flush()
        if self._progress:
            self._progress(clean)

    def clean(self, text: str) -> str:
        """A line without secrets and terminal control characters."""
        for word in self._words:
            text = text.replace(word, REDACTED)
        return visible(str(redact(text.rstrip(), self._secrets)).replace("\t", "    "))

    def failure(self, words: str) -> EngineError:
        """The error of a failed build: full disk, missing base image, or a failed step."""
        if self._rest:
            self.line(self._rest)
        words = self.clean(words.replace("\n", " "))
        told = "\n".join(f"  {line}" for line in self._last)
        if is_out_of_disk(words) or any(is_out_of_disk(line) for line in self._last):
            return out_of_disk(f"building ({self.step or 'before the first step'})", words)
        at = f" at {self.step!r}" if self.step else ""
        if NO_BASE.search(words) and ("FROM" in self.step or not self.step or "FROM" in words):
            return EngineError(
                f"the base image cannot be pulled{at}: {words}",
                "Nothing was built. Check that the engine reaches the registry (`docker pull`), that name and digest "
                f"are right, and whether a login is needed.{self._where}",
            )
        return EngineError(
            f"the build failed{at}: {words}",
            f"No image was built. The last lines of the build:\n{told}{self._where}",
        )


def _credentials(values: Iterable[str]) -> set[str]:
    """The user information of every URL in these values, and its password."""
    found = {match for value in values for match in _USER_INFORMATION.findall(value)}
    return found | {part.partition(":")[2] for part in found if len(part.partition(":")[2]) > 2}
