"""Encodes Python values as JSON that RFC 8785 (canonical JSON) preserves bit for bit."""

from __future__ import annotations

import base64
import math

LARGEST_EXACT_INTEGER = 2**53
"""2^53. RFC 8785 numbers are IEEE doubles, which cannot hold every integer from here on."""


def portable(value):
    """
    The value as JSON (None, bool, int, str, list or dict) that RFC 8785 leaves unchanged. Raises nothing of its own.

    - a float: `float.hex()`, or `nan`, `inf`, `-inf`
    - an integer of absolute value 2^53 or more: a hex string
    - bytes, and text with lone surrogates: `{"b64": BASE64}`
    - a tuple: a list; a set: a list sorted by `repr`
    - a dict: its keys as text, its values encoded
    - any other object: its `repr`
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < LARGEST_EXACT_INTEGER else hex(value)
    if isinstance(value, float):
        return value.hex() if math.isfinite(value) else str(float(value))
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, (bytes, bytearray)):
        return {"b64": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict):
        return {_key(key): portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [portable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((portable(item) for item in value), key=repr)
    return _text(repr(value))


def _text(value):
    """The text, or its bytes as base64 where a lone surrogate (undecodable input) has no UTF-8 encoding."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return {"b64": base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")}
    return value


def _key(key):
    """A key as text, which is all that JSON allows; a lone surrogate becomes an escape sequence."""
    return str(key).encode("utf-8", "backslashreplace").decode("utf-8")
