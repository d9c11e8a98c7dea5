"""
The host's last pass over everything that gets written: no secret leaves this program.

Three nets, one behind the other: the values of environment variables with secret-looking names, wherever they turn up;
shapes that only credentials have (tokens of known services, user information in addresses, private keys); and values
that are named as secrets where they stand (`password=...`, `Authorization: ...`). The payload has removed what it could
see before (`checks/facts/_secrets.py`).

What this cannot catch: a secret of fewer than six characters, one that is an ordinary word, one that was cut, encrypted
or hashed, what follows a quote, comma or semicolon inside an unknown `password=` value, and one that no variable holds
and that has no shape of its own.
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
"""Shorter values are replaced only between non-alphanumerics: six hex digits occur in digests of any large document."""

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
"""Values that secret-named settings often hold and that are none: to blank them out would ruin the document's prose."""
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
"""Variables whose values stand all over a document: a secret-named variable with the same value holds no secret."""
_VERSION = re.compile(r"v?\d+(\.\d+)+[\w.+-]*")


_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def redact(document: JsonValue, user_environment: Mapping[str, str]) -> JsonValue:
    """
    The document with every secret in it replaced by `<redacted>`, keys included; unchanged where there is none.

    `user_environment` is the environment that the audit was started in.
    """
    text = json.dumps(document, ensure_ascii=False).lower()
    hidden = '"b64"' in text  # what such a value holds is not in the text
    shapes = [shape for shape in SHAPES if hidden or any(trigger in text for trigger in shape.triggers)]
    return _Redaction(_known(secrets_of(user_environment)), shapes).value(document)


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """Values that must not be written: of variables with secret-looking names, and passwords inside addresses."""
    return _secrets_of(tuple(environment.items()))


@functools.lru_cache(maxsize=4)  # every answer of an audit asks again, of one environment
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
    """Whether a variable of this name is taken to hold a secret; TOKENIZERS_PARALLELISM and PWD are none."""
    return _SECRET_WORDS.search(name.upper()) is not None


def _is_place(value: str, places: set[str]) -> bool:
    """Whether a value is one of the document's everyday places, or a folder above one."""
    return value in places or (
        value.startswith("/") and any(place.startswith(f"{value.rstrip('/')}/") for place in places)
    )


def _is_secret(value: str) -> bool:
    """Whether a value can be replaced everywhere: long enough, no ordinary word, number of a release or socket path."""
    ordinary = _ORDINARY.fullmatch(value) is not None or _VERSION.fullmatch(value) is not None
    return len(value) >= SHORTEST_SECRET_CHARACTERS and not ordinary and not value.startswith(REDACTED)


def _known(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all known secrets in all their spellings, longest first; None without any."""
    spellings: set[str] = set()
    for secret in secrets:
        spellings |= _spellings(secret)
    if not spellings:
        return None
    return re.compile("|".join(_bounded(text) for text in sorted(spellings, key=len, reverse=True)))


def _spellings(secret: str) -> set[str]:
    """A secret as it is, percent-encoded, inside JSON text, and in base64."""
    raw = secret.encode("utf-8", "surrogateescape")
    encoded = {base64.b64encode(raw).decode("ascii"), base64.urlsafe_b64encode(raw).decode("ascii")}
    quoted = {quote(raw), quote(raw, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {secret, *quoted, *encoded, *(text.rstrip("=") for text in encoded)}


def _bounded(text: str) -> str:
    """The pattern of one spelling: short ones must not stand inside a longer word or number."""
    escaped = re.escape(text)
    return escaped if len(text) >= EMBEDDED_FROM_CHARACTERS else rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"


class _Redaction:
    """One walk over one document, whose many equal texts are searched once."""

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
        """A map: keys are text too, and a variable's name tells what its value is."""
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
    """Undecodable text travels in base64 (`{"b64": ...}`): what it holds is cleaned as well."""
    try:
        plain = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return clean(encoded)
    cleaned = clean(plain)
    if cleaned == plain:
        return encoded
    return base64.b64encode(cleaned.encode("utf-8", "surrogateescape")).decode("ascii")


def free_name(name: str, taken: Mapping[str, JsonValue]) -> str:
    """The name, or with a number where two cleaned keys would fall together."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
