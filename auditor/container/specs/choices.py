"""The choices of a user or an engine for a specification, which are validated before they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...quoting import dockerfile

SNAPSHOT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
"""The time format of snapshot archives."""
LOCK_CHARACTERS = re.compile(r"[ -~\n]*")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Choices:
    """What the manifest does not determine; empty fields use defaults."""

    base: str = ""
    """`NAME[:TAG]@sha256:DIGEST` of the base image; empty: a tag chosen from the facts, and UNPINNED."""
    lock: str = ""
    """The text of a requirements.lock; empty: requirements.txt without hashes."""
    snapshot: str = ""
    """The time (20261101T000000Z) at which the snapshot archive is asked for Debian packages; empty: the day of
    the build."""

    def check(self) -> None:
        """Raise ValueError, with a sentence, for an invalid choice."""
        if self.base and not dockerfile.BASE.fullmatch(self.base):
            raise ValueError(
                f"{self.base[:200]!a} is not an image by digest: use NAME@sha256:DIGEST, without options or spaces"
            )
        if self.snapshot and not SNAPSHOT.fullmatch(self.snapshot):
            raise ValueError(
                f"{self.snapshot[:200]!a} is not a time of a snapshot archive: use the form 20261101T000000Z"
            )
        locked(self.lock)

    @property
    def base_name(self) -> str:
        """The base's name and tag, without its digest."""
        return self.base.partition("@")[0]

    @property
    def base_digest(self) -> str:
        """The base's digest, with its algorithm."""
        return self.base.partition("@")[2]


def locked(text: str) -> dict[str, str]:
    """
    Name to version of a requirements.lock, all of it `NAME==VERSION --hash=sha256:...`.

    Raises ValueError for any other line: an option, an address, a marker, a requirement without a hash.
    """
    if not LOCK_CHARACTERS.fullmatch(text):
        raise ValueError("the lock contains characters that auditor never writes")
    found: dict[str, str] = {}
    for line in _joined(text):
        words = line.split()
        if not words:
            continue
        name, equals, version = words[0].partition("==")
        hashes = words[1:]
        if not equals or not hashes or not all(HASH.fullmatch(one) for one in hashes):
            raise ValueError(f"{line.strip()[:200]!a} is not a line of a lock: NAME==VERSION --hash=sha256:DIGEST")
        found[str(dockerfile.package(name))] = str(dockerfile.version(version))
    return found


def _joined(text: str) -> Iterator[str]:
    """Lines joined at backslashes, as pip joins them. Raises ValueError for a comment inside a requirement."""
    pending = ""
    for line in text.split("\n"):
        if line.lstrip().startswith("#"):
            if pending:
                raise ValueError("the lock has a comment inside a requirement")
        elif line.endswith("\\"):
            pending += line[:-1]
        else:
            yield pending + line
            pending = ""
    if pending:
        raise ValueError("the lock ends in the middle of a requirement")
