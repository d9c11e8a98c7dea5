"""Reads the tables in `containers/` (TOML, each entry with its source)."""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

from ...shipped import folder

TOML = "tomllib" if sys.version_info >= (3, 11) else "tomli"
"""Python's own reader since 3.11, the package `tomli` before."""


@functools.cache
def table(name: str) -> dict[str, Any]:
    """A table of `containers/`, read once."""
    read: dict[str, Any] = importlib.import_module(TOML).loads(
        (folder("containers") / f"{name}.toml").read_text(encoding="utf-8")
    )
    return read
