"""Makes the runs of a resume: whole runs, one that is stopped, and the resumed one on the files that it left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..files.aside import Aside
from ..runs.run import Run, Setup, run
from ..runs.runner import LEAST_PATIENCE_SECONDS, PATIENCE
from ..runs.stop import Stop
from .steps import written_paths

Tier = Literal["base", "detail", "lines"]


@dataclass(frozen=True)
class ResumeOptions:
    """What the user asked for."""

    command: Sequence[str]
    resume: Sequence[str]
    """The command that goes on from what the stopped run left."""
    scratch: Path
    pattern: str = ""
    """The run is stopped once a path of this pattern is complete."""
    after_seconds: float | None = None
    """Or after so many seconds."""
    timeout_seconds: float | None = None
    allow_failure: bool = False
    show: bool = True


@dataclass
class Runs:
    """
    The runs so far, in order.

    Each raises KeyboardInterrupt when we are told to stop meanwhile; all its processes have ended by then.
    """

    options: ResumeOptions
    announce: Callable[[str], None]
    aside: Aside | None
    made: list[Run] = field(default_factory=list)
    number: int = 0
    """Of the last one."""

    def whole(self, purpose: str, tier: Tier = "base") -> Run:
        """The command from its start to its end, from the same files each time."""
        setup = self._setup(purpose, tier)
        with _Around(self, setup.folder):
            return self._run(self.options.command, setup)

    def stopped_and_resumed(self, tier: Tier = "base") -> tuple[Run, Stop, Run | None]:
        """The command, stopped once it is time, and the resumed one on the files that it left; None if it was not."""
        options = self.options
        stop = Stop(options.pattern, options.after_seconds)
        first = self._setup(f"to be stopped {_when(options)}, and resumed", tier)
        with _Around(self, first.folder) as around:
            stopped = self._run(options.command, replace(first, stop=stop, tier="base"))
            around.folders.append(first.folder)
            if stop.sent is None or stopped.timed_out:
                return stopped, stop, None
            self.announce(_told(stop, stopped))
            setup = self._setup("resumed, on the files that the stopped run left", tier)
            if self.aside is not None:
                self.aside.goes_on(setup.folder)
            around.folders.append(setup.folder)
            return stopped, stop, self._run(options.resume, setup)

    def _setup(self, purpose: str, tier: Tier) -> Setup:
        self.number += 1
        self.announce(f"run {self.number}: {purpose}")
        return Setup(
            folder=self.options.scratch / f"run-{self.number:03d}",
            tier=tier,
            steps=True,
            timeout_seconds=self.options.timeout_seconds or self._patience(),
            show=self.number == 1 and self.options.show,
        )

    def _patience(self) -> float | None:
        """Without --timeout: a limit taken from the runs so far, since a resumed run may wait for ever."""
        slowest = max((one.seconds for one in self.made), default=0.0)
        return LEAST_PATIENCE_SECONDS + PATIENCE * slowest if slowest else None

    def _run(self, command: Sequence[str], setup: Setup) -> Run:
        made = run(command, setup)
        if made.interrupted:
            raise KeyboardInterrupt
        self.made.append(made)
        return made


class _Around:
    """Files around one run, or around the stopped and the resumed one together."""

    def __init__(self, runs: Runs, folder: Path) -> None:
        self._aside, self._number, self._folder = runs.aside, runs.number, folder
        self.folders = [folder]
        """Of the runs within: their processes tell what they wrote."""

    def __enter__(self) -> _Around:  # noqa: PYI034 - `Self` is of Python 3.11, and nothing inherits
        if self._aside is not None:
            self._aside.before(self._number, self._folder)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._aside is not None:
            wrote = {one.path for folder in self.folders if folder.is_dir() for one in written_paths(folder)}
            self._aside.after(self._number, wrote)


def _when(options: ResumeOptions) -> str:
    return f"once {options.pattern} is there" if options.pattern else f"after {options.after_seconds:g} s"


def _told(stop: Stop, stopped: Run) -> str:
    """What the stopped run did."""
    why = f"{stop.found} was there" if stop.found else "its time had come"
    how = f"it ended with exit code {stopped.exit_code}"
    return f"told to end (SIGTERM) after {stopped.seconds:.0f} s, as {why}; {how}"
