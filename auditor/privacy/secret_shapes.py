"""Patterns of credentials and of values that are named as secrets; used by `secrets.py`."""

from __future__ import annotations

import re
from typing import NamedTuple

REDACTED = "<redacted>"


class Shape(NamedTuple):
    """A pattern that only credentials match."""

    triggers: tuple[str, ...]
    """Lower-case substrings, one of which every match contains; a text without them is not searched."""
    pattern: re.Pattern[str]
    replacement: str


def _token(prefixes: str, tail: str, *triggers: str) -> Shape:
    """A token of a known service: its published prefix and its tail, not inside a longer word."""
    return Shape(triggers, re.compile(rf"(?<![A-Za-z0-9])(?:{prefixes}){tail}"), REDACTED)


_NAMED = (
    r"pass(?:word|wd|phrase)|secret|(?:access|auth|bearer|id|refresh|session)?token|api[_-]?key"
    r"|access[_-]?key(?:[_-]?id)?|private[_-]?key|secret[_-]?key|client[_-]?secret|account[_-]?key|shared[_-]?access[_-]?signature"
)
_SCHEME = r"(?:bearer|basic|token|digest|negotiate)"
_NOT_ONE = (
    r"(?!(?:none|null|true|false|undefined|required|optional|str|string|bytes|int|bool)(?![\w-])"
    r"|[<\[({]|\*{3}|\.{3}|[$%](?-i:[A-Z{(]))"
)
"""Values after `token=` in prose and code that are not secrets: code words, placeholders, ellipses."""

SHAPES: tuple[Shape, ...] = (
    Shape(
        ("-----begin",),
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)", re.DOTALL),
        REDACTED,
    ),
    Shape(("://",), re.compile(r"(?<=://)[^\s/?#\"'<>@:\[]{0,200}:(?!\d+[/?#])[^\s\"'<>]{0,1000}@"), f"{REDACTED}@"),
    Shape(
        ("://",),  # a lone name before @ is a token, but for ssh, where it is the account
        re.compile(r"(?<=://)(?<!ssh://)(?<!sftp://)(?!<redacted>@)[^\s/?#\"'<>@:]{1,500}@"),
        f"{REDACTED}@",
    ),
    _token("hf_|api_org_", r"[A-Za-z0-9]{20,}", "hf_", "api_org_"),
    _token("gh[oprsu]_|github_pat_", r"[A-Za-z0-9_]{20,}", "ghp_", "gho_", "ghs_", "ghr_", "ghu_", "github_pat_"),
    _token("gl(?:pat|dt|rt|ptt|cbt|agent|soat)-", r"[A-Za-z0-9_.-]{16,}", "gl"),
    _token("sk-|rk-", r"(?=[A-Za-z0-9_-]{0,200}\d)[A-Za-z0-9_-]{20,}", "sk-", "rk-"),
    _token("[rs]k_(?:live|test)_", r"[A-Za-z0-9]{10,}", "k_live_", "k_test_"),
    _token("xox[abeoprs]-|xapp-", r"[A-Za-z0-9-]{10,}", "xox", "xapp-"),
    _token("AKIA|ASIA|AGPA|AIDA|AROA", r"[A-Z0-9]{16}(?![A-Za-z0-9])", "akia", "asia", "agpa", "aida", "aroa"),
    _token("AIza", r"[A-Za-z0-9_-]{30,}", "aiza"),
    _token("ya29\\.", r"[A-Za-z0-9_-]{20,}", "ya29."),
    _token("eyJ", r"[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "eyj"),
    _token("pypi-AgE", r"[A-Za-z0-9_-]{16,}", "pypi-age"),
    _token("npm_", r"[A-Za-z0-9]{20,}", "npm_"),
    _token("dapi", r"[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])", "dapi"),
    _token("nvapi-", r"[A-Za-z0-9_-]{20,}", "nvapi-"),
    Shape(
        ("authorization", "bearer", "basic"),
        re.compile(
            rf"((?:authorization[\"']?\s?[:=]\s?[\"']?(?:{_SCHEME}\s|(?!{_SCHEME}\s))"
            rf"|\b(?:bearer|basic)\s(?=[^\s\"'<>;,]{{0,200}}\d))){_NOT_ONE}[^\s\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    Shape(
        ("pass", "secret", "token", "key", "signature"),
        re.compile(  # the first letters come first: most places of a text are passed over there
            rf"((?=[abciprst])(?<![A-Za-z0-9])(?:{_NAMED})(?:=[\"']?|[\"']\s?[:=]\s?[\"']|\s?[:=]\s?(?=[^\s&\"'<>;,]{{0,200}}\d)))"
            rf"{_NOT_ONE}[^\s&\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    Shape(
        ("--",),
        re.compile(
            rf"(--(?:[A-Za-z0-9]{{1,40}}-){{0,6}}(?:{_NAMED})\s+[\"']?){_NOT_ONE}(?!-)[^\s\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    Shape(
        ("sig", "key", "code", "credential"),
        re.compile(
            r"([?&](?:sig|signature|key|code|credential|x-(?:amz|goog)-(?:signature|credential|security-token))=)"
            r"[^\s&\"'<>;]{6,}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
)
