"""Explicit lists of conda (`conda list --explicit`, `conda-lock --kind explicit`): one archive per line."""

from __future__ import annotations

import os

from . import conda
from .model import Elsewhere, Lock

MARK = "@EXPLICIT"
_PLATFORM = "# platform: "


def is_explicit(content):
    """Whether the file is such a list."""
    return any(line.strip() == MARK for line in content.split("\n"))


def read(content, place):
    """Every archive; all are required. Raises Unreadable, or Elsewhere for a list of another platform."""
    lines = [line.strip() for line in content.split("\n")]
    told = next((line[len(_PLATFORM) :] for line in lines if line.startswith(_PLATFORM)), "")
    own = told or _of_name(place.file)
    if own and own != conda.subdir():
        raise Elsewhere("it is for the platform %s" % own[:40])
    packages = [conda.archive(line) for line in lines if line and line != MARK and not line.startswith("#")]
    pip = sum(line.startswith("# pip ") for line in lines)
    return Lock(tuple(packages), not_compared=("%d packages of pip" % pip,) if pip else ())


def _of_name(file):
    """The platform in the name of conda-lock's files, `conda-linux-64.lock`; empty for other names."""
    stem, ending = os.path.splitext(file)
    return stem[len("conda-") :] if ending == ".lock" and stem.startswith("conda-") else ""
