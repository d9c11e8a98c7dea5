"""Writes what a command renders: a file whole or not at all, or standard output."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import OutputError
from ..signing import files

STDOUT = "-"


def write(place: str, data: bytes) -> None:
    """Write to a path, or to standard output for `-`. Raises OutputError."""
    if place == STDOUT:
        click.echo(data, nl=False)
        return
    path = Path(place)
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe
        elif path.exists():
            files.replace(path, data)
        else:
            files.create(path, data, files.PUBLIC)
    except OSError as problem:
        raise OutputError(
            f"{place} cannot be written: {problem.strerror or problem}",
            "Nothing was written to it. Name another file with -o.",
        ) from problem
