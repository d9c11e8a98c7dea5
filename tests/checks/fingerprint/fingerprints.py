"""Digests that `checks/fingerprint.py` computes in the audited Python, and how tests compare them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from support import AUDITED, ROOT

CASES = Path(__file__).parent / "cases"
"""Scripts that run in the audited Python."""


def told(name: str, **environment: str) -> dict[str, dict[str, str]]:
    """Group to label to the digest of a value, or "refused: " and why, as a script of `CASES` names them."""
    command = [AUDITED, "-B", str(CASES / f"{name}.py"), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def problems_of_distinct(group: dict[str, str], count: int) -> list[str]:
    """What keeps a group from being `count` digests that all differ."""
    found = [f"{label}: {digest}" for label, digest in group.items() if not is_digest(digest)]
    seen: dict[str, str] = {}
    for label, digest in group.items():
        if digest in seen:
            found.append(f"{label} collides with {seen[digest]}")
        seen[digest] = label
    return found if len(group) == count else [*found, f"{len(group)} cases instead of {count}"]


def problems_of_equal(group: dict[str, str], count: int) -> list[str]:
    """What keeps a group from being `count` times one digest."""
    found = [f"{label}: {digest}" for label, digest in group.items() if not is_digest(digest)]
    if len(set(group.values())) != 1:
        found.append(f"{len(set(group.values()))} digests: {group}")
    return found if len(group) == count else [*found, f"{len(group)} cases instead of {count}"]


def is_digest(text: str) -> bool:
    """Whether it is 64 hex digits."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def framed(header: str, raw: bytes) -> str:
    """The digest of one dense array or plain value, straight from its definition."""
    return hashlib.sha256(b"<%d:%s:%d:" % (len(header), header.encode(), len(raw)) + raw).hexdigest()
