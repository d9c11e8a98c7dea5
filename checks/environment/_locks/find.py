"""Finds the lock files of the project that the process runs in, and reads them."""

from __future__ import annotations

import fnmatch
import os

from . import conda_lock, environment_yml, explicit, pixi_lock, poetry_lock, pylock, requirements, uv_lock
from .model import Place, Unreadable

_SIZE_LIMIT_BYTES = 1 << 25
"""A lock of a thousand packages with the digests of all their files has 5 MB."""
_TOPS = (".git", ".hg", ".svn", ".jj")
"""What lies at the top of a checkout."""
_READERS = (
    ("uv.lock", uv_lock),
    ("poetry.lock", poetry_lock),
    ("pylock.toml", pylock),
    ("pylock.*.toml", pylock),
    ("pixi.lock", pixi_lock),
    ("conda-lock.yml", conda_lock),
    ("conda-lock.yaml", conda_lock),
    ("*.conda-lock.yml", conda_lock),
    ("environment.yml", environment_yml),
    ("environment.yaml", environment_yml),
    ("*requirements*.txt", requirements),
    ("conda-*.lock", explicit),
    ("explicit*.txt", explicit),
)
"""Patterns of file names, in order: the first that fits decides."""
_ONLY_IF = {requirements: requirements.is_generated, explicit: explicit.is_explicit}
"""Formats whose file names other files have as well, and how a lock is told from them."""
OF_CONDA = (pixi_lock, conda_lock, explicit, environment_yml)
"""Formats of environments that conda or pixi made."""


def folders(start):
    """The folders from `start` up to the top of its checkout; only `start` outside of one."""
    found = [os.path.realpath(start)]
    while not any(os.path.exists(os.path.join(found[-1], mark)) for mark in _TOPS):
        above = os.path.dirname(found[-1])
        if above == found[-1]:
            return found[:1]
        found.append(above)
    return found


def locks(start):
    """(the nearest folder with locks, the paths of its locks, the paths of locks in the folders above it)."""
    nearest, near, above = "", [], []
    for folder in folders(start):
        here = [path for path in _listed(folder) if reader_of(path) is not None]
        if nearest:
            above += here
        elif here:
            nearest, near = folder, here
    return nearest, near, above


def reader_of(path):
    """The module that reads a file, by its name and where that is not enough by its content; None for no lock."""
    file = os.path.basename(path)
    reader = next((module for pattern, module in _READERS if fnmatch.fnmatchcase(file, pattern)), None)
    if reader is None or not os.path.isfile(path):
        return None
    tells = _ONLY_IF.get(reader)
    try:
        return reader if tells is None or tells(content(path)) else None
    except Unreadable:  # not known to be a lock: nothing is said about it
        return None


def content(path):
    """The text of a lock file. Raises Unreadable."""
    try:
        if os.path.getsize(path) > _SIZE_LIMIT_BYTES:
            raise Unreadable("it is larger than %d MiB" % (_SIZE_LIMIT_BYTES >> 20))
        with open(path, encoding="utf-8") as handle:
            return handle.read()
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8") from None
    except OSError as problem:
        raise Unreadable("it cannot be opened: %s" % problem.strerror) from None


def read(path, alone, working_folder, installed):
    """The `Lock` of a file. Raises Unreadable, or Elsewhere for another kind of environment."""
    folder, file = os.path.split(path)
    return reader_of(path).read(content(path), Place(folder, file, alone, working_folder, frozenset(installed)))


def _listed(folder):
    try:
        return [os.path.join(folder, one) for one in sorted(os.listdir(folder))]
    except OSError:  # a folder that this user may not list holds no lock that a tool of this user reads
        return []
