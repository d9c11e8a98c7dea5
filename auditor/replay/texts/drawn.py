"""
Marks the names in a run's output that its processes drew at random: of temporary files, UUIDs, tokens.

The recorder noted them, so a mark is evidence and no guess. Of a UUID or a token a part of eight digits is enough: many
programs name a run by the first eight.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MARK = "\1"
LEAST_DIGITS = 8
"""Of a part of a UUID or token; a shorter one may be there by chance."""
_HEXADECIMAL = re.compile(rf"[0-9a-fA-F]{{{LEAST_DIGITS},}}(?:-[0-9a-fA-F]+)*|[0-9a-fA-F]+(?:-[0-9a-fA-F]+){{2,}}")
_WORD = re.compile(r"[a-z0-9_]{8,}")
_TOKEN = re.compile(r"[0-9a-f]+(?:-[0-9a-f]+)*")
TEMPORARY = 8
"""Characters of the names that `tempfile` draws."""


def marker(names: frozenset[str]) -> Callable[[str], str] | None:
    """A function that puts a mark before and after each name in a line; None if there are no names."""
    tokens = sorted(one.lower() for one in names if _TOKEN.fullmatch(one.lower()))
    known = "\n".join([*tokens, *(one.replace("-", "") for one in tokens if "-" in one)])
    files = frozenset(one for one in names if len(one) == TEMPORARY)
    if not known and not files:
        return None

    def of_token(found: re.Match[str]) -> str:
        text = found.group()
        return f"{MARK}{text}{MARK}" if len(text) >= LEAST_DIGITS and text.lower() in known else text

    def of_word(found: re.Match[str]) -> str:
        text = found.group()
        for start in range(len(text) - TEMPORARY + 1):
            end = start + TEMPORARY
            if text[start:end] in files:
                return f"{text[:start]}{MARK}{text[start:end]}{MARK}{text[end:]}"
        return text

    def marked(line: str) -> str:
        line = _WORD.sub(of_word, line) if files else line
        return _HEXADECIMAL.sub(of_token, line) if known else line

    return marked
