"""Compares what a lock says with what is installed, package by package."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from . import markers
from .model import CONDA, PIP

MISSING = "not installed"


@dataclass(frozen=True)
class Installed:
    """What the environment holds of one package."""

    version: str
    build: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Comparison:
    """One lock against one environment."""

    compared: int
    """Number of installed packages that were compared."""

    broken: dict
    """Name to (what is locked, what is installed) of each package that is not as locked."""

    optional: tuple
    """Locked packages that are not installed, and need not be."""

    extra: tuple
    """Installed packages that the lock does not name."""

    other_python: str
    """The Python versions that the lock is for, if the running one is not among them; else empty."""

    not_compared: tuple
    """What the lock says and nothing here compares."""


def compare(lock, tables):
    """The comparison; `tables` is manager to name to `Installed`."""
    alternatives = {}
    for one in lock.packages:
        alternatives.setdefault((one.manager, one.name), []).append(one)
    broken, optional, compared = {}, [], 0
    for (manager, name), locked in sorted(alternatives.items()):
        found = tables[manager].get(name)
        if found is not None:
            compared += 1
            if not any(_as_locked(one, found) for one in locked):
                broken[name] = (_texts(locked), _text(found, locked))
        elif any(one.required for one in locked):
            broken[name] = (_texts(locked), MISSING)
        else:
            optional.append(name)
    other, left = _python(lock.requires_python)
    return Comparison(
        compared, broken, tuple(optional), _extra(tables, alternatives), other, (*lock.not_compared, *left)
    )


def _extra(tables, alternatives):
    """Installed distributions that no entry names; those that conda installed are packages of conda as well."""
    named = {name for _, name in alternatives} | set(tables[CONDA])
    locked_by_conda = any(manager == CONDA for manager, _ in alternatives)
    unlocked = [name for name in tables[CONDA] if (CONDA, name) not in alternatives] if locked_by_conda else []
    return tuple(sorted({*unlocked, *(name for name in tables[PIP] if name not in named)}))


def _python(specifiers):
    """(the versions that the lock is for if this is none of them, what is not compared)."""
    if not specifiers:
        return "", ()
    fits = markers.python_fits(specifiers, platform.python_version())
    if fits is None:
        return "", ("the Python version against %r, which follows another standard" % specifiers,)
    return ("", ()) if fits else (specifiers, ())


def _as_locked(locked, found):
    if locked.commit and found.commit:
        return locked.commit == found.commit
    if locked.manager == CONDA:
        return _version_of_conda(locked, found) and locked.build in ("", found.build)
    return not locked.version or same_version(locked.version, found.version)


def _version_of_conda(locked, found):
    if not locked.version or locked.version == found.version:
        return True
    return locked.prefix and found.version.startswith(locked.version + ".")


def same_version(locked, installed):
    """
    Whether a version is the locked one (PEP 440): without a local label in the lock, any label fits.

    Indexes label other builds of one version (`2.13.0+cpu`), and a lock of another index names the version alone.
    """
    from ..._vendored.packaging.version import InvalidVersion, Version

    try:
        wanted, given = Version(locked), Version(installed)
    except InvalidVersion:
        return locked == installed
    return wanted == (given if wanted.local else Version(given.public))


def _texts(locked):
    return " or ".join(sorted({_wanted(one) for one in locked}))


def _wanted(one):
    if one.commit:
        return "%s at commit %s" % (one.version or "any version", one.commit)
    version = (one.version + ".*" if one.prefix else one.version) or "any version"
    return "%s %s" % (version, one.build) if one.build else version


def _text(found, locked):
    if any(one.commit for one in locked) and found.commit:
        return "%s at commit %s" % (found.version, found.commit)
    return "%s %s" % (found.version, found.build) if any(one.build for one in locked) else found.version
