"""
Validates and quotes values of a manifest for a Dockerfile and a requirements file.

Syntax: https://docs.docker.com/reference/dockerfile/ (escape sequences and `$` in ENV and LABEL, heredocs in RUN and
COPY only, parser directives in the first comments only) and https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

from __future__ import annotations

import re

from .inert import Inert, visible

MOST_VALUE_CHARACTERS = 4000
"""Largest length of a value; BuildKit refuses lines over 65,535 bytes."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
"""A distribution's name (PEP 508), ASCII only."""
VERSION = re.compile(
    r"v?(?:[0-9]{1,9}!)?[0-9]{1,9}(?:\.[0-9]{1,9}){0,15}"
    r"(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?[0-9]{0,9})?"
    r"(?:-[0-9]{1,9}|[-_.]?(?:post|rev|r)[-_.]?[0-9]{0,9})?"
    r"(?:[-_.]?dev[-_.]?[0-9]{0,9})?"
    r"(?:\+[a-z0-9]{1,40}(?:[-_.][a-z0-9]{1,40}){0,9})?",
    re.IGNORECASE | re.ASCII,
)
"""A version (PEP 440, with its alternative spellings); without ASCII, the Kelvin sign would pass as k."""
_HOST = r"(?:[a-z0-9](?:[a-zA-Z0-9.-]{0,250}[a-zA-Z0-9])?(?::[0-9]{1,5})?/)?"
_PATH = r"[a-z0-9]{1,100}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,100}){0,10}"
_TAG = r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})"
REFERENCE = re.compile(rf"{_HOST}{_PATH}(?:/{_PATH}){{0,8}}{_TAG}?(?:@sha256:[0-9a-f]{{64}})?")
"""The name of an image, by the grammar of github.com/distribution/reference, with bounds: no option, no space."""
BASE = re.compile(rf"{_HOST}{_PATH}(?:/{_PATH}){{0,8}}{_TAG}?@sha256:[0-9a-f]{{64}}")
"""The same, by digest."""
SOURCE = re.compile(
    r"git\+https://[a-z0-9][a-z0-9.-]{0,200}(?::[0-9]{1,5})?(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~+-]{0,100}){1,10}@"
    r"[0-9a-f]{40,64}"
)
"""What pip clones: https, a path without `..` and without escapes, a whole commit."""
ADDRESS = re.compile(r"https://[a-z0-9][a-z0-9.-]{0,200}(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}){1,10}")


def comment(text: str) -> Inert:
    """The text of a comment line in ASCII, since the encoding that pip expects depends on its version."""
    return Inert(visible(text).encode("ascii", "backslashreplace").decode("ascii"))


def double_quoted(value: str) -> Inert:
    """
    A value of ENV or LABEL that Docker takes literally: no `$` substitution, no escape, no end of line.

    Raises ValueError for a value without a literal form on one line.
    """
    if not usable_value(value):
        raise ValueError("the value has no literal form in a Dockerfile")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return Inert(f'"{escaped}"')


def usable_value(value: str) -> bool:
    """Whether a value can be written literally: printable, on one line, within the length limit."""
    return value.isprintable() and len(value) <= MOST_VALUE_CHARACTERS


def variable(name: str) -> Inert:
    """The name of an environment variable. Raises ValueError for any other text."""
    return _matching(VARIABLE, name)


def package(name: str) -> Inert:
    """A distribution's name in its PEP 503 form. Raises ValueError for any other text."""
    return Inert(re.sub(r"[-_.]+", "-", _matching(NAME, name)).lower())


def version(text: str) -> Inert:
    """A PEP 440 version. Raises ValueError for any other text."""
    return _matching(VERSION, text)


def reference(text: str) -> Inert:
    """The image of a FROM line. Raises ValueError for any other text."""
    return _matching(REFERENCE, text)


def source(text: str) -> Inert:
    """A git repository over https at one commit. Raises ValueError for any other text."""
    return _matching(SOURCE, text)


def address(text: str) -> Inert:
    """An https address that needs no quoting anywhere. Raises ValueError for any other text."""
    return _matching(ADDRESS, text)


def driver_version(text: str) -> Inert:
    """A version of numbers and points. Raises ValueError for any other text."""
    return _matching(re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}"), text)


def snapshot(text: str) -> Inert:
    """A time as the snapshot archives write it. Raises ValueError for any other text."""
    return _matching(re.compile(r"[0-9]{8}T[0-9]{6}Z"), text)


def digest(text: str) -> Inert:
    """An image's digest with its algorithm. Raises ValueError for any other text."""
    return _matching(re.compile(r"sha256:[0-9a-f]{64}"), text)


def sha256(text: str) -> Inert:
    """A SHA-256 digest in hex. Raises ValueError for any other text."""
    return _matching(re.compile(r"[0-9a-f]{64}"), text)


def _matching(pattern: re.Pattern[str], text: str) -> Inert:
    if not pattern.fullmatch(text):
        raise ValueError(f"not of the form {pattern.pattern}")
    return Inert(text)


QUOTING = {
    "comment": comment,
    "double_quoted": double_quoted,
    "variable": variable,
    "package": package,
    "version": version,
    "reference": reference,
    "source": source,
    "address": address,
    "driver_version": driver_version,
    "snapshot": snapshot,
    "digest": digest,
    "sha256": sha256,
}
"""The filters of the templates in `containers/`."""
