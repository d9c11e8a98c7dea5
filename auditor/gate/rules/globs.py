"""Globs with `*` and `?`, matched without regular expressions, in at most pattern x text steps."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 4096
"""A longer text matches nothing but `*`: operators, packages and commands are shorter."""


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text has the form of the pattern, in which `*` is any text and `?` any character."""
    if pattern == "*":
        return True
    if len(text) > LONGEST:
        return False
    at = position = 0
    star, retry = -1, 0
    while at < len(text):
        if position < len(pattern) and pattern[position] in ("?", text[at]) and pattern[position] != "*":
            at, position = at + 1, position + 1
        elif position < len(pattern) and pattern[position] == "*":
            star, retry = position, at
            position += 1
        elif star >= 0:
            retry += 1
            at, position = retry, star + 1
        else:
            return False
    return all(character == "*" for character in pattern[position:])


def any_of(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches."""
    return any(matches(text, pattern) for pattern in patterns)
