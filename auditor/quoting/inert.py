"""
Values of a manifest as inert text: one line, printable, without terminal control characters.

The quoting of each format (Markdown, Dockerfile, terminal) builds on it.
"""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

MOST_CHARACTERS = 400
"""Longer values are cut in reports; the manifest has them whole."""
HEX_FLOAT = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,3}")
"""The form of `float.hex()`, in which manifests store measured floats."""

DIGEST = re.compile(r"[0-9a-f]{64}")
DIGEST_CHARACTERS = 12


class Inert(str):
    """Text that was quoted for a format; templates print only this type (see `templates.py`)."""

    __slots__ = ()


def visible(text: str) -> str:
    """
    The text on one line, with unprintable characters as Python escapes.

    `str.isprintable` is false for control characters, line and paragraph separators, format characters (bidirectional
    marks, zero width ones), surrogates and every space but the plain one.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """At most that many characters of a value, and the number of those left out. For prose see `render/brief.py`."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text) - most} more characters)"


def hex_float(text: str) -> float | None:
    """A float as manifests store it; None for any other text, which a stranger's manifest may hold in its place."""
    return float.fromhex(text) if HEX_FLOAT.fullmatch(text) else None


def as_text(value: JsonValue) -> str:
    """A JSON value as short text: hex floats as decimals, digests shortened, nested values in brackets."""
    if isinstance(value, dict) and value:
        return "; ".join(f"{name}: {_inside(item)}" for name, item in sorted(value.items()))
    if isinstance(value, list) and value:
        return ", ".join(_inside(item) for item in value)
    if not isinstance(value, str):
        return json.dumps(value)
    if HEX_FLOAT.fullmatch(value):
        return f"{float.fromhex(value):.4g}"
    return f"{value[:DIGEST_CHARACTERS]}..." if DIGEST.fullmatch(value) else value


def _inside(value: JsonValue) -> str:
    return f"({as_text(value)})" if value and isinstance(value, (dict, list)) else as_text(value)
