"""Progress on standard error: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from ..manifest.models import Finding
from ..quoting.inert import visible
from .summary import OUTCOME_WORDS

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID
    from typing_extensions import Self  # typing has it from 3.11 on


class ProgressBar:
    """
    The progress of a long command; use it as a context manager.

    `total` sets the number of steps, `step` names the current one, `finding` reports a judged check, `note` prints a
    line. The bar counts findings, unless `total` gets the number of steps done.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._quiet = quiet
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._counts_findings = True

    def __enter__(self) -> Self:
        """Show the bar, if there is one."""
        if not self._quiet and self._stream.isatty():
            self._bar = _bar(self._stream)
            self._task = self._bar.add_task("starting", total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def total(self, number: int, done: int | None = None) -> None:
        """Set the number of steps and, if given, how many are done; then findings no longer move the bar."""
        if done is not None:
            self._counts_findings = False
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=number, completed=done)

    def step(self, text: str) -> None:
        """Show the current step."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=visible(text))
        else:
            self._line(text)

    def finding(self, finding: Finding) -> None:
        """Report a judged check. On a terminal the bar moves, and only failures and errors get a line."""
        words = f"checking {finding.check} ... {OUTCOME_WORDS[finding.outcome]}"
        if self._bar is None or self._task is None:
            self._line(words)
            return
        if self._counts_findings:
            self._bar.advance(self._task)
        if finding.outcome in ("fail", "error"):
            self._line(words)

    def note(self, text: str) -> None:
        """Print one line."""
        self._line(text)

    def _line(self, text: str) -> None:
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.console.print(visible(text), markup=False, highlight=False, emoji=False)
            return
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(f"{visible(text)}\n".encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()


def _bar(stream: TextIO) -> Bar:
    """A bar that is removed at the end, so that only the result stays on the screen."""
    from rich.console import Console  # noqa: PLC0415  only a terminal pays for rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    return Progress(*columns, console=Console(file=stream, highlight=False), transient=True)
