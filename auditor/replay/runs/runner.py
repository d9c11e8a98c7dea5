"""Makes the runs of one replay: numbers them, announces each one, and limits the time of a run under a factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Literal

from ..files.aside import Aside
from .budget import Budget
from .progress import run_line
from .run import Run, Setup, run

EARLIER_FILES, FOUND, ABSENT = "earlier-files", "found", "absent"
"""A setting of the runner alone: whether a run finds the files that the first one left."""
LEAST_PATIENCE_SECONDS, PATIENCE = 120.0, 20
"""Without --timeout: a run may take this long plus this many times the slowest baseline run."""


@dataclass(frozen=True)
class ExperimentRunner:
    """
    Makes runs of one command.

    Raises KeyboardInterrupt when we are told to stop while a run is made, whose processes have all ended by then; and
    for each further run.
    """

    command: Sequence[str]
    scratch: Path
    announce: Callable[[str], None]
    """Is told what each run is for."""
    files: Sequence[str] = ()
    timeout_seconds: float | None = None
    portable: bool = False
    show: bool = True
    """Whether the first run's output is passed through."""
    exact_output: bool = False
    """Whether every byte of the output counts."""
    watch: bool = False
    """Whether all files that the command writes are compared; `ignore` takes some away."""
    ignore: Sequence[str] = ()
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    budget: Budget = field(default_factory=Budget)
    """Counts every run."""
    baseline: int = 0
    """Number of the baseline runs."""
    aside: Aside | None = None
    """Sets aside what each run writes; None leaves the files alone."""
    finds: Sequence[str] = ()
    """Files that the first run wrote. If there are any, a run finds them, unless its settings have `EARLIER_FILES`."""

    def limited(self, baseline: Sequence[Run]) -> ExperimentRunner:
        """The same, with a time limit taken from these runs if the user gave none: a factor can hang a program."""
        slowest = max((one.seconds for one in baseline), default=0.0)
        patience = LEAST_PATIENCE_SECONDS + PATIENCE * slowest if slowest else None
        return replace(self, timeout_seconds=self.timeout_seconds or patience)

    def run(
        self,
        settings: Mapping[str, str],
        purpose: str,
        *,
        tier: Literal["base", "detail", "lines"] = "base",
        more: Sequence[str] = (),
        dump: Mapping[str, str | int] | None = None,
        region: Mapping[str, str | int] | None = None,
        facts: bool = False,
    ) -> Run:
        """Run the command once, with `more` arguments; `dump`, `region` and `facts` as in `Setup`."""
        if self.budget.stopped:
            raise KeyboardInterrupt
        number = next(self.numbers)
        self.budget.count()
        self.announce(run_line(number, purpose, self.baseline, self.budget))
        setup = Setup(
            folder=self.scratch / f"run-{number:03d}",
            settings={name: value for name, value in settings.items() if name != EARLIER_FILES},
            tier=tier,
            portable=self.portable,
            files=tuple(self.files),
            timeout_seconds=self.timeout_seconds,
            show=number == 1 and self.show,
            exact_output=self.exact_output,
            watch=self.watch,
            ignore=tuple(self.ignore),
            dump=dump,
            zoom=region,
            facts=facts,
            earlier=tuple(self.finds),
        )
        found = settings.get(EARLIER_FILES, FOUND if self.finds else "") == FOUND
        made = self._around(number, [*self.command, *more], setup, found=found)
        if made.interrupted:
            self.budget.stop()
            raise KeyboardInterrupt
        self.budget.took.append(made.seconds)
        return made

    def _around(self, number: int, command: Sequence[str], setup: Setup, *, found: bool) -> Run:
        """The run, which finds the files that the first one found; or those that it left."""
        if self.aside is None:
            return run(command, setup)
        self.aside.before(number, setup.folder)
        try:
            if found:
                self.aside.leave()
            return run(command, setup)
        finally:
            self.aside.after(number)

    def detail(self, settings: Mapping[str, str], purpose: str) -> Run:
        """A run in the detail tier."""
        return self.run(settings, purpose, tier="detail")

    def by_statement(self, settings: Mapping[str, str], purpose: str) -> Run:
        """A run that records every statement of the user's files."""
        return self.run(settings, f"{purpose}, statement by statement", tier="lines")
