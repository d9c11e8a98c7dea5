"""
Removes what must not leave the audited process: values of variables with secret names, credentials in addresses.

The host filters everything again before it writes (`auditor/privacy/secrets.py`); what is removed here never
reaches it.
"""

from __future__ import annotations

import re

REDACTED = {"redacted": True}
"""Replaces a secret value, which is not read."""

_WORDS = ("SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "COOKIE", "APIKEY", "PRIVATE")
_SEGMENTS = frozenset(("KEY", "KEYS", "AUTH", "AUTHORIZATION", "TOKEN", "TOKENS", "JWT", "BEARER", "DSN"))
_LAST = ("TOKEN", "_PASS", "_PWD", "_PAT")
"""Secret only at the end of a name: NCCL_PAT_ENABLE names an algorithm, and compilers have passes."""
_USER_INFORMATION = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#\"'<>]*@")
_QUERY = re.compile(r"\?[^\s\"'<>#]*")


def is_secret_name(name):
    """Whether a variable of this name counts as secret; TOKENIZERS_PARALLELISM does not."""
    upper = name.upper()
    segments = re.split(r"[^A-Z0-9]+", upper)
    return any(word in upper for word in _WORDS) or not _SEGMENTS.isdisjoint(segments) or upper.endswith(_LAST)


def without_credentials(text):
    """The text with the user information of every address in it replaced by `<redacted>`."""
    return _USER_INFORMATION.sub(r"\1<redacted>@", text) if "@" in text else text


def bare_address(url):
    """An address without user information and without its query, which in signed links contains keys."""
    return _QUERY.sub("", without_credentials(url))
