"""What the processes of a run noted for us: their ids, and the names that they drew. Both are hostile data."""

from __future__ import annotations

from pathlib import Path

PIDS, NAMES = "pids", "names"
"""Folders in the run's folder, with a file for each process."""
MOST_PROCESSES = 10_000
MOST_BYTES = 1 << 16
"""Of the names of one process."""
LEAST_NAME, MOST_NAME = 8, 128
"""Characters of a name."""


def prepare(folder: Path) -> None:
    """Make the folders in which processes leave their notes."""
    for name in (PIDS, NAMES):
        (folder / name).mkdir()


def process_ids(folder: Path) -> frozenset[int]:
    """The ids of the recorded processes."""
    return frozenset(int(one.name) for one in (folder / PIDS).iterdir() if one.name.isdecimal())


def drawn_names(folder: Path) -> frozenset[str]:
    """Names of temporary files, UUIDs in their long form, and tokens that the processes drew."""
    names: set[str] = set()
    for path in sorted((folder / NAMES).iterdir())[:MOST_PROCESSES]:
        with path.open("rb") as file:
            told = file.read(MOST_BYTES).decode("ascii", "replace").splitlines()
        names.update(one for one in told if LEAST_NAME <= len(one) <= MOST_NAME)
    return frozenset(names)
