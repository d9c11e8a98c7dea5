"""Quotes values of a manifest as words of a POSIX shell."""

from __future__ import annotations

import re

from .inert import Inert

DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]{1,100}")
LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}\.UTF-8(?:@[a-z]{1,20})?")


def single_quoted(value: str) -> Inert:
    """
    A value as a literal shell word, without two adjacent braces, since Apptainer replaces `{{ name }}`.

    Raises ValueError for a value that is not printable on one line.
    """
    if not value.isprintable():
        raise ValueError("the value has no literal form on one line of a shell")
    quoted = value.replace("'", "'\\''")
    while "{{" in quoted:
        quoted = quoted.replace("{{", "{''{")
    return Inert(f"'{quoted}'")


def debian_package(name: str) -> Inert:
    """The name of a Debian package. Raises ValueError for any other text."""
    if not DEBIAN_PACKAGE.fullmatch(name):
        raise ValueError(f"not of the form {DEBIAN_PACKAGE.pattern}")
    return Inert(name)


def locale_name(name: str) -> Inert:
    """A locale in UTF-8, as `de_DE.UTF-8`. Raises ValueError for any other text."""
    if not LOCALE.fullmatch(name):
        raise ValueError(f"not of the form {LOCALE.pattern}")
    return Inert(name)


def locale_source(name: str) -> Inert:
    """The definition of a locale, for example `ca_ES@valencia` for `ca_ES.UTF-8@valencia`."""
    return Inert(locale_name(name).replace(".UTF-8", ""))


QUOTING = {
    "single_quoted": single_quoted,
    "debian_package": debian_package,
    "locale_name": locale_name,
    "locale_source": locale_source,
}
