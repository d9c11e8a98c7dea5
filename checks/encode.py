"""Python values to JSON that RFC 8785 can carry without losing a bit."""

from __future__ import annotations

import base64
import math

LARGEST_EXACT_INTEGER = 2**53
"""RFC 8785 numbers are IEEE doubles: integers from here on lose bits, so they travel as hex strings."""


def portable(value):
    """
    A JSON value that survives RFC 8785 unchanged.

    Floats become `float.hex()` strings (NaN and infinities `nan`, `inf`, `-inf`), integers from 2^53 hex strings, bytes
    and undecodable text `{"b64": ...}`, tuples lists, sets sorted lists; what is none of these becomes its `repr`.
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
    """Text as it is, or its bytes where a lone surrogate (undecodable input) would break UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return {"b64": base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")}
    return value


def _key(key):
    """A map's key: JSON allows text only, so a surrogate is shown escaped."""
    return str(key).encode("utf-8", "backslashreplace").decode("utf-8")
