"""Digests of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

BLOCK_BYTES = 1 << 20


def file_digest(path: Path) -> str:
    """The sha256 (hex) of a file's content."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            state.update(block)
    return state.hexdigest()
