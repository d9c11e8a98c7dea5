"""
The lines of stdout, process by process: those of several processes come in the order of chance.

Each recorded process leaves a digest of each line that it prints (`checks/recorders/replay/python/printed.py`). Lines
that no process is known to have printed keep their order, behind all others.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from .noted import SAID
from .output import Printed

DIGEST_BYTES = 8
MOST_BYTES = 1 << 26
"""A longer stdout is compared as it came."""
NAME = "stdout-by-process"


def grouped(printed: Printed, folder: Path) -> Printed:
    """The same text with the lines of each process together; as it came, if one process printed all of it."""
    said = _said(folder / SAID)
    if not said or printed.size > MOST_BYTES:
        return printed
    groups, rest = _regrouped(printed.path.read_bytes(), said)
    if len(said) < 2:
        return replace(printed, attributed=not rest)
    data = b"".join(line + b"\n" for group in (*groups, rest) for line in group)
    path = folder / NAME
    path.write_bytes(data)
    return Printed(path, hashlib.sha256(data).hexdigest(), len(data), attributed=not rest)


def _said(folder: Path) -> list[list[bytes]]:
    """The digests of each process that printed lines, in the order of their lineages."""
    paths = sorted(folder.iterdir(), key=lambda path: _numbers(path.name)) if folder.is_dir() else []
    found = []
    for path in paths:
        data = path.read_bytes()
        found.append([data[at : at + DIGEST_BYTES] for at in range(0, len(data), DIGEST_BYTES)])
    return found


def _numbers(lineage: str) -> list[int]:
    """`main.2.10` comes after `main.2.9`."""
    return [int(one) for one in re.findall(r"\d+", lineage)]


def _regrouped(data: bytes, said: list[list[bytes]]) -> tuple[list[list[bytes]], list[bytes]]:
    """The lines of each process, and those that none is known to have printed."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    groups: list[list[bytes]] = [[] for _ in range(len(said) + 1)]
    for line in lines:
        digest = hashlib.blake2b(line, digest_size=DIGEST_BYTES).digest()
        number = next(
            (n for n, one in enumerate(said) if len(groups[n]) < len(one) and one[len(groups[n])] == digest), -1
        )
        groups[number].append(line)
    return groups[:-1], groups[-1]
