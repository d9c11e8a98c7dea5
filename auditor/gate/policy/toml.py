"""
Reads TOML as hostile data.

Python's reader takes quadratic time and memory for a key of many parts (`a.a.a...`) and for deep nesting, so size,
parts and depth are limited before and after it runs.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
from typing import Any

from ...errors import UsageError

READER = "tomllib" if sys.version_info >= (3, 11) else "tomli"
LARGEST_BYTES = 1024 * 1024
MOST_PARTS = 32
"""Most parts of a dotted key."""
MOST_LEVELS = 32
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
"""A string on one line: each character is looked at once or twice, so that matching takes linear time."""
BARE = re.compile(r"[\w\- \t]*\Z")
NOT_USED = "Nothing was run or judged. Correct the file; docs/reference/policy.md lists its keys."


def load(data: bytes, name: str) -> dict[str, Any]:
    """The document in these bytes; `name` names the file in messages. Raises UsageError."""
    if len(data) > LARGEST_BYTES:
        raise UsageError(f"{name} is larger than {LARGEST_BYTES} bytes", NOT_USED)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{name} is not UTF-8 text (at byte {problem.start})", NOT_USED) from problem
    _refuse_long_keys(text, name)
    reader = importlib.import_module(READER)
    try:
        document: dict[str, Any] = reader.loads(text)
    except RecursionError as problem:
        raise UsageError(f"{name} is nested too deeply", NOT_USED) from problem
    except ValueError as problem:  # a TOMLDecodeError, or an integer with too many digits
        raise UsageError(f"{name} is not TOML: {str(problem)[:200]}", NOT_USED) from problem
    return document


def refuse_hostile(value: Any, name: str) -> None:
    """Raise UsageError for values that no policy needs: deep ones, numbers beyond 2^53, infinities and NaN."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MOST_LEVELS:
            raise UsageError(f"{name} is nested deeper than {MOST_LEVELS} levels", NOT_USED)
        for one in level:
            if isinstance(one, int) and abs(one) >= 2**53:
                raise UsageError(f"{name} holds an integer from 2^53 on", NOT_USED)
            if isinstance(one, float) and not math.isfinite(one):
                raise UsageError(f"{name} holds a number that is not finite", NOT_USED)
        level = [child for one in level for child in _children(one)]


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []


def _refuse_long_keys(text: str, name: str) -> None:
    for line in text.splitlines():
        if line.count(".") <= MOST_PARTS:
            continue
        run = 0
        for part in QUOTED.sub("x", line).split("."):
            run = run + 1 if BARE.match(part) else 0
            if run > MOST_PARTS:
                raise UsageError(f"{name} holds a key of more than {MOST_PARTS} parts", NOT_USED)
