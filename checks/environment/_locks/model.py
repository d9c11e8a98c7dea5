"""What a lock file says, in one form for all formats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import _installed

PIP, CONDA = "pip", "conda"
"""Managers: what is recorded in dist-info folders, and what is recorded in conda-meta."""
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9_])?")
"""Names of distributions (PEP 508) and of conda packages, which may begin or end with an underscore."""
_TEXT_LIMIT = 200
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


class Unreadable(Exception):
    """A lock file that cannot be read; the message is the reason, for people."""


class Elsewhere(Exception):
    """A lock file that does not describe this kind of environment; the message is the reason, for people."""


@dataclass(frozen=True)
class Locked:
    """One package that a lock file names for this interpreter and platform."""

    name: str
    """Normalised name."""

    version: str = ""
    """The locked version; empty where the lock fixes none (a folder, a checkout)."""

    build: str = ""
    """The locked build of a conda package; empty where the lock fixes none."""

    commit: str = ""
    """The locked commit of a package that comes from a checkout; empty for others."""

    manager: str = PIP
    """`PIP` or `CONDA`."""

    required: bool = True
    """Whether a default installation has it: no extra, no group and no other marker decides."""

    prefix: bool = False
    """Whether the version is only the beginning of a version, as in conda's `name=1.2`."""


@dataclass(frozen=True)
class Lock:
    """What one file locks."""

    packages: tuple
    """The `Locked` packages that can be installed here; several of one name are alternatives."""

    requires_python: str = ""
    """The Python versions (PEP 440) that the file is for; empty if it does not say."""

    not_compared: tuple = ()
    """What the file says and the check does not compare."""


@dataclass(frozen=True)
class Place:
    """Where a lock file lies, and the environment that it is compared with."""

    folder: str
    """The file's folder."""

    file: str
    """The file's name."""

    alone: bool
    """Whether it is the only lock file there."""

    working_folder: str
    """The folder in which the process runs."""

    installed: frozenset
    """Normalised names of the installed distributions."""


def table(value, what):
    """A mapping. Raises Unreadable for anything else, except for nothing at all."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable("%s is no table" % what)
    return value


def tables(value, what):
    """A list of mappings. Raises Unreadable for anything else, except for nothing at all."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable("%s is no list of tables" % what)
    return value


def texts(value, what):
    """A list of texts. Raises Unreadable for anything else, except for nothing at all."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable("%s is no list" % what)
    return [text(one, what) for one in value]


def text(value, what, limit=_TEXT_LIMIT):
    """A short text; empty for nothing at all. Raises Unreadable for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit or not value.isprintable():
        raise Unreadable("%s is no short text" % what)
    return value


def long_text(value, what):
    """As `text`, for addresses and markers."""
    return text(value, what, limit=20000)


def name(value, manager=PIP):
    """A package's normalised name. Raises Unreadable for what is no name."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Unreadable("a package has no valid name")
    return _installed.normalised(value) if manager == PIP else value.lower()


def commit(value):
    """A full commit id, else the empty text: branches and tags move."""
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else ""
