"""
One digest of a printed text without its times, for texts of which only digests are kept, as in a trace.

Left out is what looks like a point in time, a duration, a rate, an amount of memory, a process id, an address or a name
in a temporary folder. Looks alone prove nothing: a result may be printed with a unit of time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from .pieces import SplitLine, Token, lines_of, split_line


def settled_digest(path: Path) -> str:
    """The sha256 of the rest of a text, line by line; empty if the text is too long, or is none."""
    lines = lines_of(path)
    if lines is None:
        return ""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(_settled(split_line(line)).encode())
    return digest.hexdigest()


def _settled(line: SplitLine) -> str:
    return "\0".join((line.words, *(one.text for one in line.tokens if not _looks_timely(one)))) + "\n"


def _looks_timely(token: Token) -> bool:
    return token.kind != "amount" or token.timely or token.memory or token.interim or token.process
