"""
The environment is what the project's lock files say, package by package.

Why: a lock fixes every version, but only an installation from it makes it true. A later `pip install`, an upgrade in
a shared image or a forgotten `sync` leaves an environment that no file describes, and a colleague who installs the
lock gets other versions and other numbers. The check reads uv.lock, poetry.lock, pylock.toml (PEP 751), pixi.lock,
conda-lock.yml, explicit lists of conda, environment.yml, and requirements that pip-compile or uv wrote. It compares
versions, commits of checkouts and builds of conda packages. It does not compare hashes: nobody records the hash of
the archive that an index served. Packages that no lock names are listed in the reading, and fail nothing.

Remedy: install from the lock: `uv sync`, `poetry sync`, `pixi install`, `conda-lock install`, `pip-sync`. Or lock
again, if the environment is the one that you want.
"""

from __future__ import annotations

import os
import platform

from ..declare import Check, NotApplicable
from ..facts import _conda, _distributions
from ._locks import compare, find
from ._locks.model import CONDA, PIP, Elsewhere, Unreadable

CHECK = Check(tier="quick", rule="expected")
AS_LOCKED = "every package as locked"
NAMES_SHOWN = 30


def measure(settings):
    """For each lock of the nearest folder that has one: what differs, with a value for each package that does."""
    working_folder = os.getcwd()
    _, near, above = find.locks(working_folder)
    if not near:
        raise NotApplicable("no lock file in the working folder, nor above it up to the top of a checkout")
    tables, reading, conditions, unread, elsewhere = _tables(), {}, {}, [], []
    for path in near:
        label = os.path.relpath(path, os.path.realpath(working_folder))
        try:
            comparison = _compared(path, len(near) == 1, working_folder, tables)
        except Unreadable as reason:
            unread.append("%s cannot be read: %s" % (label, reason))
        except Elsewhere as reason:
            elsewhere.append("%s: %s" % (label, reason))
        else:
            values = _values(label, comparison)
            if comparison.compared or len(values) > 1:
                reading.update(values)
            else:
                elsewhere.append("%s: it names no package that is installed or needed here" % label)
            conditions[label] = _told(comparison)
    if not reading and not unread:
        raise NotApplicable("; ".join(elsewhere))
    if unread:
        conditions["obstacle"] = "; ".join(unread)
    conditions["not compared"] = [os.path.relpath(path, working_folder) for path in above] + elsewhere
    return dict(reading, conditions=conditions)


def _tables():
    """Manager to name to what is installed."""
    distributions = {
        name: compare.Installed(one["version"], commit=one.get("commit", ""))
        for name, one in _distributions.installed().items()
    }
    records = _conda.packages() if _conda.is_environment() else ()
    by_conda = {one[0]: compare.Installed(*one[1:]) for one in records if len(one) == 3}
    return {PIP: distributions, CONDA: by_conda}


def _compared(path, alone, working_folder, tables):
    if find.reader_of(path) in find.OF_CONDA and not _conda.is_environment():
        raise Elsewhere("it is for an environment of conda or pixi, and this Python is in none")
    return compare.compare(find.read(path, alone, working_folder, tables[PIP]), tables)


def _values(label, comparison):
    """The values of one lock: a summary that names every package that differs, then one value for each."""
    names = sorted(comparison.broken)
    more = " and %d more" % (len(names) - NAMES_SHOWN) if len(names) > NAMES_SHOWN else ""
    told = "%d not as locked: %s%s" % (len(names), ", ".join(names[:NAMES_SHOWN]), more)
    values = {label: {"expected": AS_LOCKED, "observed": told if names else AS_LOCKED}}
    for name, (locked, installed) in comparison.broken.items():
        values["%s %s" % (label, name)] = {"expected": locked, "observed": installed}
    if comparison.other_python:
        values["%s requires-python" % label] = {
            "expected": "Python %s" % comparison.other_python,
            "observed": "Python %s" % platform.python_version(),
        }
    return values


def _told(comparison):
    return {
        "compared packages": comparison.compared,
        "optional, not installed": list(comparison.optional),
        "installed, not locked": list(comparison.extra),
        "not compared": ["hashes of archives", *comparison.not_compared],
    }
