"""What `auditor clean` lists: one thing that auditor wrote, and what is to happen with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Kind = Literal["audit", "traces", "catalogue", "compile", "replay", "unfinished"]
KINDS: dict[Kind, str] = {
    "audit": "folders of audits and of replays",
    "traces": "traces of runs",
    "catalogue": "the cached catalogue of checks",
    "compile": "the cache of compiled code",
    "replay": "files that a replay set aside",
    "unfinished": "what an interrupted removal left",
}
Identity = tuple[int, int]
"""Device and inode: what stands at the path now is what was looked at before."""


@dataclass(frozen=True)
class Entry:
    """One thing that auditor wrote; it is removed whole or not at all."""

    kind: Kind
    path: Path
    """Absolute."""
    identity: Identity
    size_bytes: int
    """The lengths of all files in it."""
    files: int
    since: datetime
    """UTC: when an audit finished, else when anything in it was last written."""
    keep: str = ""
    """Why it is never removed; empty if it may be."""
    signed: bool = False
    sha256: str = ""
    """Of an audit: the digest of its manifest's payload, by which others refer to it."""


@dataclass(frozen=True)
class Decision:
    """What is to happen with an entry."""

    entry: Entry
    keep: str
    """Why it stays; empty if it is to be removed."""
