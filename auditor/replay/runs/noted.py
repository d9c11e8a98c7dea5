"""
What the processes of a run noted for us, which is hostile data.

Their ids, the names that they drew, the numbers that they read out of tensors, the paths that they looked for and
wrote, the statements that loaded files of an earlier run, and their optimizer steps.
"""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..trace.archive import TaskKey
from ..trace.format import SourceLine, source_of

PIDS, NAMES, NUMBERS, LOOKED, LOADED = "pids", "names", "numbers", "looked", "loaded"
STEPS, WROTE, SAID = "steps", "wrote", "said"
"""Folders in the run's folder, with a file for each process."""
MOST_PROCESSES = 10_000
MOST_BYTES = 1 << 16
"""Of the names of one process."""
LEAST_NAME, MOST_NAME = 8, 128
"""Characters of a name."""
MOST_NOTED_BYTES = 1 << 23
"""Of the numbers or the paths of one process."""
MOST_NUMBERS = 100_000
"""As many numbers as a process notes at most: with so many, others are not known."""


def prepare(folder: Path) -> None:
    """Make the folders in which processes leave their notes."""
    for name in (PIDS, NAMES, NUMBERS, LOOKED, LOADED, STEPS, WROTE, SAID):
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


def looked_for(folder: Path) -> frozenset[str]:
    """Absolute paths in the working folder that were looked for and not found there, and folders that were listed."""
    paths: set[str] = set()
    for path in sorted((folder / LOOKED).iterdir())[:MOST_PROCESSES]:
        with path.open("rb") as file:
            paths.update(os.fsdecode(line) for line in file.read(MOST_NOTED_BYTES).split(b"\n") if line)
    return frozenset(paths)


def read_numbers(folder: Path) -> dict[tuple[str, int], list[float]]:
    """
    The single numbers that each task (lineage, ordinal) read out of tensors, in their order; NaN for what is none.

    They are noted only in runs whose clock is ours.
    """
    found: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for path in sorted((folder / NUMBERS).iterdir())[:MOST_PROCESSES]:
        with path.open("rb") as file:
            lines = file.read(MOST_NOTED_BYTES).decode("ascii", "replace").splitlines()
        for line in lines:
            lineage, _, rest = line.partition(" ")
            ordinal, _, number = rest.partition(" ")
            if ordinal.isdecimal():
                found[lineage, int(ordinal)].append(_number(number))
    return dict(found)


class Load(NamedTuple):
    """A statement that opened a file of an earlier run."""

    key: TaskKey
    at: int
    """Index of the next record in its task's stream."""
    source: SourceLine


def loads(folder: Path) -> list[Load]:
    """The statements that opened files of an earlier run, each process in its order; noted only where that is asked."""
    found = []
    for path in sorted((folder / LOADED).iterdir())[:MOST_PROCESSES]:
        with path.open("rb") as file:
            found += [*_loads(file.read(MOST_NOTED_BYTES).splitlines())]
    return found


def _loads(lines: list[bytes]) -> Iterator[Load]:
    for line in lines:
        try:
            lineage, ordinal, at, site = json.loads(line)
            key, place, source = TaskKey(str(lineage), int(ordinal)), int(at), source_of(str(site))
        except (ValueError, TypeError, OverflowError, RecursionError):
            continue
        if source.known:
            yield Load(key, place, source)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
