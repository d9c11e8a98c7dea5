"""The inputs and outputs of one operation, kept as files by every later run that meets it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...factors.factors import PLACEBO
from ..runs.run import Run
from ..runs.runner import ExperimentRunner
from .distances import OutputDistances, dump_of, measure

MOST_DUMPS = 4
"""Limit of the runs that are made only until two have kept different outputs."""


class KeptOperation:
    """One operation of the detail tier, and the folders in which runs kept its inputs and outputs."""

    def __init__(self, runs: ExperimentRunner, operation: Mapping[str, str | int]) -> None:
        self._runs, self._operation = runs, operation
        self.folders: list[Path] = []

    def detail(self, settings: Mapping[str, str], purpose: str) -> Run:
        """
        A run in the detail tier, which keeps the operation.

        Runs under a factor do so too, since all runs of a search must last equally long; what they kept is not used.
        """
        return self._run(settings, purpose, None)

    def zoomed(self, region: Mapping[str, str | int], purpose: str) -> Run:
        """A run that evaluates this region operation by operation, and keeps the operation."""
        return self._run({}, purpose, region)

    def _run(self, settings: Mapping[str, str], purpose: str, region: Mapping[str, str | int] | None) -> Run:
        made = self._runs.run(settings, purpose, tier="detail", dump=self._operation, region=region)
        if not set(settings) - {PLACEBO} and (folder := dump_of(made.folder)):
            self.folders.append(folder)
        return made

    def distances(self) -> OutputDistances | None:
        """How far its outputs differ between two runs; None if it cannot be kept, or no two runs differ."""
        made = 0
        while True:
            found = next(filter(None, map(self._distance, self.folders[1:])), None)
            if found or made >= MOST_DUMPS or (made and not self.folders):
                return found
            self.detail({}, "with the inputs and outputs of that operation kept")
            made += 1

    def _distance(self, other: Path) -> OutputDistances | None:
        found = measure(self.folders[0], other)
        return found if found and found.differs else None

    def folder(self) -> Path | None:
        """A folder that holds the operation; one more run is made for it if there is none yet."""
        if not self.folders:
            self.detail({}, "with the inputs of that operation kept")
        return next(iter(self.folders), None)
