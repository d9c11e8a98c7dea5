"""The locations of `checks/`, `containers/` and `reports/`, in a wheel and in a checkout."""

from __future__ import annotations

import hashlib
from pathlib import Path

HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """
    The shipped folder of that name.

    In a wheel it is inside the package, in a checkout beside it. It is a folder of plain files in both cases, since
    AutoGraph, Triton and Inductor read source files.
    """
    grafted = HERE / "_grafted" / name
    return grafted if grafted.is_dir() else HERE.parent / name


MEASURING = (".py", ".json")
"""Suffixes of the payload files that enter the digest: code and its input data."""


def payload_digest(root: Path | None = None) -> str:
    """The sha256 (hex) over the payload's files, by sorted relative path; it identifies the code that measured."""
    root = root or folder("checks")
    state = hashlib.sha256()
    found = [path for path in root.rglob("*") if path.suffix in MEASURING]
    for path in sorted(found, key=lambda path: path.relative_to(root).as_posix()):
        content = path.read_bytes()
        state.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        state.update(content)
    return state.hexdigest()
