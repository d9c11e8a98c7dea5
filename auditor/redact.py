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
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from pydantic import JsonValue

REDACTED = "<redacted>"
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


class _Shape(NamedTuple):
    """One kind of text that only a credential has."""

    triggers: tuple[str, ...]
    """Lower-case pieces, one of which every match contains: a text without them is not searched."""
    pattern: re.Pattern[str]
    replacement: str


def _token(prefixes: str, tail: str, *triggers: str) -> _Shape:
    """A token of a known service: its published prefix and what follows, not inside a longer word."""
    return _Shape(triggers, re.compile(rf"(?<![A-Za-z0-9])(?:{prefixes}){tail}"), REDACTED)


_NAMED = (
    r"pass(?:word|wd|phrase)|secret|(?:access|auth|bearer|id|refresh|session)?token|api[_-]?key"
    r"|access[_-]?key(?:[_-]?id)?|private[_-]?key|secret[_-]?key|client[_-]?secret|account[_-]?key|shared[_-]?access[_-]?signature"
)
_SCHEME = r"(?:bearer|basic|token|digest|negotiate)"
_NOT_ONE = (
    r"(?!(?:none|null|true|false|undefined|required|optional|str|string|bytes|int|bool)(?![\w-])"
    r"|[<\[({]|\*{3}|\.{3}|[$%](?-i:[A-Z{(]))"
)
"""What stands after `token=` in prose and code where no secret does: words of code, placeholders, ellipses."""

_SHAPES: tuple[_Shape, ...] = (
    _Shape(
        ("-----begin",),
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)", re.DOTALL),
        REDACTED,
    ),
    _Shape(("://",), re.compile(r"(?<=://)[^\s/?#\"'<>@:\[]{0,200}:(?!\d+[/?#])[^\s\"'<>]{0,1000}@"), f"{REDACTED}@"),
    _Shape(
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
    _Shape(
        ("authorization", "bearer", "basic"),
        re.compile(
            rf"((?:authorization[\"']?\s?[:=]\s?[\"']?(?:{_SCHEME}\s|(?!{_SCHEME}\s))"
            rf"|\b(?:bearer|basic)\s(?=[^\s\"'<>;,]{{0,200}}\d))){_NOT_ONE}[^\s\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    _Shape(
        ("pass", "secret", "token", "key", "signature"),
        re.compile(  # the first letters come first: most places of a text are passed over there
            rf"((?=[abciprst])(?<![A-Za-z0-9])(?:{_NAMED})(?:=[\"']?|[\"']\s?[:=]\s?[\"']|\s?[:=]\s?(?=[^\s&\"'<>;,]{{0,200}}\d)))"
            rf"{_NOT_ONE}[^\s&\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    _Shape(
        ("--",),
        re.compile(
            rf"(--(?:[A-Za-z0-9]{{1,40}}-){{0,6}}(?:{_NAMED})\s+[\"']?){_NOT_ONE}(?!-)[^\s\"'<>;,]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    _Shape(
        ("sig", "key", "code", "credential"),
        re.compile(
            r"([?&](?:sig|signature|key|code|credential|x-(?:amz|goog)-(?:signature|credential|security-token))=)"
            r"[^\s&\"'<>;]{6,}",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
)

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def redact(document: JsonValue, user_environment: Mapping[str, str]) -> JsonValue:
    """
    The document with every secret in it replaced by `<redacted>`, keys included; unchanged where there is none.

    `user_environment` is the environment that the audit was started in.
    """
    text = json.dumps(document, ensure_ascii=False).lower()
    hidden = '"b64"' in text  # what such a value holds is not in the text
    shapes = [shape for shape in _SHAPES if hidden or any(trigger in text for trigger in shape.triggers)]
    return _Redaction(_known(secrets_of(user_environment)), shapes).value(document)


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """Values that must not be written: of variables with secret-looking names, and passwords inside addresses."""
    places = {part for name in _PLACES for part in (environment.get(name, ""), *environment.get(name, "").split(":"))}
    found: set[str] = set()
    for name, value in environment.items():
        candidates = [value.strip()] if is_secret_name(name) else []
        candidates += (unquote(password) for password in re.findall(r"://[^\s/:@]*:([^\s/@]+)@", value))
        found.update(text for text in candidates if _is_secret(text) and not _is_place(text, places))
    return found


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

    def __init__(self, known: re.Pattern[str] | None, shapes: list[_Shape]) -> None:
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
            return {"b64": self._bytes(node["b64"])}
        changed: dict[str, JsonValue] = {}
        for name, item in node.items():
            named = isinstance(item, str) and _VARIABLE.fullmatch(name) and is_secret_name(name)
            changed[_free(self.text(name), changed)] = REDACTED if named and _is_secret(str(item)) else self.value(item)
        return changed

    def _bytes(self, encoded: str) -> str:
        """Undecodable text travels in base64 (`{"b64": ...}`): what it holds is searched as well."""
        try:
            plain = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            return self.text(encoded)
        cleaned = self.text(plain)
        if cleaned == plain:
            return encoded
        return base64.b64encode(cleaned.encode("utf-8", "surrogateescape")).decode("ascii")


def _free(name: str, taken: Mapping[str, JsonValue]) -> str:
    """The name, or with a number where two redacted keys would fall together."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
