"""Strict and canonical JSON: documents that readers could interpret differently raise ManifestError."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from typing import Any

import rfc8785

from ..errors import ManifestError

DEPTH_LIMIT = 64
"""Largest nesting depth; manifests have about eight levels."""
INTEGER_DIGITS = 17
"""Characters of an integer below 2^53 with its sign; longer ones are refused before conversion."""
SHOWN_CHARACTERS = 120
NOTHING_READ = "Nothing in it was used. Copy the file again from its origin, or audit again."
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89abABcdefCDEF]")
READ_LIMIT_BYTES = 64 * 1024 * 1024


def canonical(document: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value. Raises ManifestError for values that it cannot represent."""
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as problem:
        raise ManifestError(
            f"a value cannot be written as canonical JSON: {type(problem).__name__}: {problem}",
            "Nothing was written. NaN, infinities, integers from 2^53 and undecodable text need their own encoding.",
        ) from problem


def shown(value: Any) -> str:
    """An untrusted value for a message: short ASCII text."""
    text = ascii(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def parse(data: bytes, what: str, *, limit_bytes: int = READ_LIMIT_BYTES) -> Any:
    """The JSON value in these bytes, read strictly; `what` names it in messages. Raises ManifestError."""
    if len(data) > limit_bytes:
        raise ManifestError(f"{what} is larger than the limit of {limit_bytes} bytes", NOTHING_READ)
    if data.startswith(b"\xef\xbb\xbf"):
        raise ManifestError(f"{what} begins with a byte order mark, which JSON does not allow", NOTHING_READ)
    try:
        document = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
        _refuse_deep(document)
        if SURROGATE_ESCAPE.search(data):
            json.dumps(document, ensure_ascii=False).encode("utf-8")  # fails when an escaped surrogate stands alone
    except UnicodeDecodeError as problem:
        raise ManifestError(f"{what} is not UTF-8 text (at byte {problem.start})", NOTHING_READ) from problem
    except UnicodeEncodeError as problem:
        raise ManifestError(f"{what} holds a lone surrogate, which is no character", NOTHING_READ) from problem
    except RecursionError as problem:
        raise ManifestError(f"{what} is nested too deeply", NOTHING_READ) from problem
    except json.JSONDecodeError as problem:
        raise ManifestError(f"{what} is not JSON, or was truncated: {problem}", NOTHING_READ) from problem
    except _Refused as problem:
        raise ManifestError(f"{what} {problem}", NOTHING_READ) from problem
    return document


class _Refused(Exception):  # noqa: N818 -- internal: becomes a ManifestError
    """Valid for Python's JSON parser, but not in this format."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = sorted(key for key, _ in pairs)
        twice = next(name for name, following in pairwise(names) if name == following)
        raise _Refused(f"holds the key {shown(twice)} twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _Refused(f"holds {name}, which is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS or abs(int(digits)) >= 2**53:
        raise _Refused(f"holds an integer from 2^53 on, which readers of JSON round: {shown(digits)}")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused(f"holds a number beyond the range of a double: {shown(digits)}")
    return number


def _refuse_deep(document: Any) -> None:
    """Refuse deep nesting at the same depth on every Python version."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _Refused(f"is nested deeper than {DEPTH_LIMIT} levels")
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
