"""Decimal numbers beside hexadecimal ones, for programs and people that read `--json`."""

from __future__ import annotations

import re

from pydantic import JsonValue

HEX = re.compile(r"[+-]?0x[0-9a-f]+\.[0-9a-f]+p[+-]\d+")
"""What `float.hex()` writes; NaN and infinities have no decimal form in JSON and stay as they are."""
SUFFIX = "_decimal"


def beside(value: JsonValue) -> JsonValue:
    """
    The value, with a key `NAME_decimal` beside each NAME whose value is a float as hexadecimal text, or a list of such.

    The hexadecimal text is exact and stays; the decimal number is the shortest that reads back as the same float.
    """
    if isinstance(value, list):
        return [beside(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, JsonValue] = {}
    for name, item in value.items():
        found[name] = beside(item)
        number = _decimal(item)
        if number is not None and name + SUFFIX not in value:
            found[name + SUFFIX] = number
    return found


def _decimal(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and HEX.fullmatch(value):
        return float.fromhex(value)
    if isinstance(value, list) and value:
        numbers = [_decimal(item) for item in value]
        return None if any(number is None for number in numbers) else numbers
    return None
