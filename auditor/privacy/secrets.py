"""
Redacts secrets from everything that the host writes.

Redacted are the values of environment variables with secret-looking names; texts with the form of credentials (tokens
of known services, user information in URLs, private keys); and values that are named as secrets (`password=...`,
`Authorization: ...`). The payload has redacted its own answers before (`checks/facts/_secrets.py`).

Not recognised: secrets of fewer than six characters, ordinary words, parts, encryptions and hashes of secrets, text
after a quote, comma or semicolon inside an unknown `password=` value, and secrets in no variable and of no known form.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, unquote

from pydantic import JsonValue

from .secret_shapes import REDACTED, SHAPES, Shape

SHORTEST_SECRET_CHARACTERS = 6
EMBEDDED_FROM_CHARACTERS = 8
"""Shorter values are replaced only as separate words, since six hex digits occur in digests of large documents."""

_SECRET_WORDS = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE|APIKEY|PRIVATE|TOKEN(?!IZ)"
    r"|(?<![A-Z0-9])(?:KEYS?|AUTH|AUTHORIZATION|JWT|BEARER|DSN)(?![A-Z0-9])|_(?:PASS|PWD|PAT)$"
)
_ORDINARY = re.compile(
    r"always|chained|credentials?|debug|default|disabled?|enabled?|external|false|github|gitlab|google|headers?|helper"
    r"|internal|keyring|kerberos|kubernetes|localhost|manual|master|negotiate|nothing|oauth2?|optional|password|private"
    r"|production|prompt|public|publickey|python|redacted|required|secret|service|session|staging|standard|system"
    r"|testing|token",
    re.IGNORECASE,
)
"""Values of secret-named settings that are not secrets, and occur in normal text."""
_PLACES = (
    "HOME",
    "PWD",
    "OLDPWD",
    "PATH",
    "USER",
    "LOGNAME",
    "SHELL",
    "HOSTNAME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "LANG",
)
"""Variables with common values; a secret-named variable with the same value holds no secret."""
_VERSION = re.compile(r"v?\d+(\.\d+)+[\w.+-]*")


_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def redact(document: JsonValue, user_environment: Mapping[str, str]) -> JsonValue:
    """
    The document with every secret in it replaced by `<redacted>`, keys included; unchanged where there is none.

    `user_environment` is the environment of the audit.
    """
    text = json.dumps(document, ensure_ascii=False).lower()
    hidden = '"b64"' in text  # what such a value holds is not in the text
    shapes = [shape for shape in SHAPES if hidden or any(trigger in text for trigger in shape.triggers)]
    return _Redaction(_known(secrets_of(user_environment)), shapes).value(document)


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """The secret values: those of variables with secret-looking names, and passwords in URLs."""
    return _secrets_of(tuple(environment.items()))


@functools.lru_cache(maxsize=4)  # called for every answer, with the same environment
def _secrets_of(variables: tuple[tuple[str, str], ...]) -> frozenset[str]:
    environment = dict(variables)
    places = {part for name in _PLACES for part in (environment.get(name, ""), *environment.get(name, "").split(":"))}
    found: set[str] = set()
    for name, value in environment.items():
        candidates = [value.strip()] if is_secret_name(name) else []
        candidates += (unquote(password) for password in re.findall(r"://[^\s/:@]*:([^\s/@]+)@", value))
        found.update(text for text in candidates if _is_secret(text) and not _is_place(text, places))
    return frozenset(found)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name counts as secret; TOKENIZERS_PARALLELISM and PWD do not."""
    return _SECRET_WORDS.search(name.upper()) is not None


def _is_place(value: str, places: set[str]) -> bool:
    """Whether a value is a common path, or a folder that contains one."""
    return value in places or (
        value.startswith("/") and any(place.startswith(f"{value.rstrip('/')}/") for place in places)
    )


def _is_secret(value: str) -> bool:
    """Whether a value is redacted: long enough, and not an ordinary word or a version."""
    ordinary = _ORDINARY.fullmatch(value) is not None or _VERSION.fullmatch(value) is not None
    return len(value) >= SHORTEST_SECRET_CHARACTERS and not ordinary and not value.startswith(REDACTED)


def _known(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all spellings of all known secrets, longest first; None without secrets."""
    spellings: set[str] = set()
    for secret in secrets:
        spellings |= _spellings(secret)
    if not spellings:
        return None
    return re.compile("|".join(_bounded(text) for text in sorted(spellings, key=len, reverse=True)))


def _spellings(secret: str) -> set[str]:
    """The spellings of a secret: plain, percent-encoded, JSON-escaped and base64."""
    raw = secret.encode("utf-8", "surrogateescape")
    encoded = {base64.b64encode(raw).decode("ascii"), base64.urlsafe_b64encode(raw).decode("ascii")}
    quoted = {quote(raw), quote(raw, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {secret, *quoted, *encoded, *(text.rstrip("=") for text in encoded)}


def _bounded(text: str) -> str:
    """The pattern of one spelling; short ones match only as separate words."""
    escaped = re.escape(text)
    return escaped if len(text) >= EMBEDDED_FROM_CHARACTERS else rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"


class _Redaction:
    """One pass over a document, with a cache for equal texts."""

    def __init__(self, known: re.Pattern[str] | None, shapes: list[Shape]) -> None:
        self._known = known
        self._shapes = shapes
        self._seen: dict[str, str] = {}

    def value(self, node: JsonValue) -> JsonValue:
        """A node with its secrets replaced."""
        if isinstance(node, str):
            return self.text(node)
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if isinstance(node, dict):
            return self._map(node)
        return node

    def text(self, text: str) -> str:
        """A text with its secrets replaced."""
        if len(text) < SHORTEST_SECRET_CHARACTERS:
            return text
        cleaned = self._seen.get(text)
        if cleaned is None:
            cleaned = self._seen[text] = self._cleaned(text)
        return cleaned

    def _cleaned(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        lowered = text.lower()
        for shape in self._shapes:
            for trigger in shape.triggers:
                if trigger in lowered:
                    text = shape.pattern.sub(shape.replacement, text)
                    break
        return text

    def _map(self, node: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A map; keys are redacted too, and a secret-looking variable name redacts its value."""
        if list(node) == ["b64"] and isinstance(node["b64"], str):
            return {"b64": inside_base64(node["b64"], self.text)}
        changed: dict[str, JsonValue] = {}
        for name, item in node.items():
            named = isinstance(item, str) and _VARIABLE.fullmatch(name) and is_secret_name(name)
            changed[free_name(self.text(name), changed)] = (
                REDACTED if named and _is_secret(str(item)) else self.value(item)
            )
        return changed


def inside_base64(encoded: str, clean: Callable[[str], str]) -> str:
    """Clean the content of base64 text, in which undecodable text is stored (`{"b64": ...}`)."""
    try:
        plain = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return clean(encoded)
    cleaned = clean(plain)
    if cleaned == plain:
        return encoded
    return base64.b64encode(cleaned.encode("utf-8", "surrogateescape")).decode("ascii")


def free_name(name: str, taken: Mapping[str, JsonValue]) -> str:
    """The name, with a number if it is already taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
