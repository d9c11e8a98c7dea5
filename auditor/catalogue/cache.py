"""
The catalogue of the last payload that was read, kept in the user's cache folder.

Its name holds the digest over the payload's files, so that a changed payload is never taken for a known one. Reading it
from a fresh process costs a tenth of a second, which is a fifth of a shallow probe.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from .. import __version__


def place(payload_sha256: str, part: str) -> Path:
    """Where the catalogue (or its part that is called so) of this payload is kept."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111 - never raises
    return root / "auditor" / "catalogue" / f"{__version__}-{payload_sha256}-{part}.json"


def read(path: Path) -> bytes | None:
    """What is kept there; None when there is nothing, or nothing that can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def write(path: Path, content: bytes) -> None:
    """Keep it, whole or not at all. A cache folder that cannot be written costs time, and nothing else."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with open(handle, "wb") as target:  # noqa: PTH123 - a descriptor, not a path
            target.write(content)
        Path(name).replace(path)
