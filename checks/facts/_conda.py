"""Packages of a conda environment, from the names of its records (`conda-meta/NAME-VERSION-BUILD.json`)."""

from __future__ import annotations

import os
import sys


def is_environment():
    """Whether this Python belongs to an environment that conda, mamba or pixi made."""
    return os.path.isdir(_folder())


def packages():
    """(name, version, build) of every package, sorted."""
    records = sorted(name[:-5] for name in os.listdir(_folder()) if name.endswith(".json"))
    return [tuple(record.rsplit("-", 2)) for record in records]


def _folder():
    return os.path.join(sys.prefix, "conda-meta")
