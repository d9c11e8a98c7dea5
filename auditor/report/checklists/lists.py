"""The checklists as data: each with its year, where it stands, and its items."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from ...manifest.parts import Frozen
from ...shipped import folder

TOML = "tomllib" if sys.version_info >= (3, 11) else "tomli"
"""Python's own reader since 3.11, the package `tomli` before."""
ORDER = ("neurips", "pineau", "statements", "aaai", "acm")


class Item(Frozen):
    """One question of a list, in our words."""

    question: str
    ask: str
    """What only the author knows."""
    sources: list[str] = []
    """The topics of a manifest that help to answer it; `from` in the file."""


class Checklist(Frozen):
    """One list."""

    name: str
    year: int
    source: str
    answers: str
    """The form that answers take."""
    item: list[Item]


def all_of() -> Iterator[Checklist]:
    """The lists, in the order of the report."""
    return (read(folder("reports") / "templates" / "checklists" / f"{name}.toml") for name in ORDER)


def read(path: Path) -> Checklist:
    """One file. Raises ValueError if it is no list: a defect of ours, since the files are shipped."""
    document = importlib.import_module(TOML).loads(path.read_text(encoding="utf-8"))
    items = [{"sources" if key == "from" else key: value for key, value in one.items()} for one in document["item"]]
    return Checklist.model_validate({**document, "item": items})
