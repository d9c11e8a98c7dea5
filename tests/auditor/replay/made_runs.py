"""Prepared runs for tests of `replay/cause`: a `Runner` that writes a synthetic trace and starts no process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from streams import folder_of, writer

from auditor.factors.factors import PLACEBO
from auditor.replay.files.written import FileDigest
from auditor.replay.runs.output import Printed
from auditor.replay.runs.run import Run


@dataclass(frozen=True)
class Made:
    """What one run printed, recorded and took."""

    printed: int = 0
    steps: tuple = ()
    """The steps of the main thread, as in `folder_of`; without, one operation with `printed` as its digest."""
    exit_code: int = 0
    seconds: float = 60.0
    """Long by default: no confirmation runs."""
    timed_out: bool = False
    problems: tuple = ()
    files: tuple = ()
    """(path, digest) of each."""
    end: bool = True
    detail: bool = False
    streams: tuple = ()
    """(key, steps, end) of each further stream."""

    def run(self, folder):
        """The run, with its trace in this folder."""
        steps = self.steps or (("aten::add", 1 + self.printed, 3),)
        folder_of(folder, *steps, detail=self.detail, end=self.end).close()
        for key, others, end in self.streams:
            folder_of(folder, *others, detail=self.detail, key=key, end=end).close()
        printed = Printed(folder / "stdout", f"{self.printed:064d}", 4)
        printed.path.write_text(str(self.printed))
        silent = Printed(folder / "stderr", f"{0:064d}", 0)
        silent.path.write_text("")
        files = tuple(FileDigest(path, digest, 1, written=True) for path, digest in self.files)
        return Run(
            folder,
            self.exit_code,
            self.seconds,
            printed,
            silent,
            files,
            timed_out=self.timed_out,
            problems=self.problems,
        )


class Experiment:
    """A `Runner`: `make(settings, number)` says what the n-th run (from 0) under these settings gives."""

    def __init__(self, scratch, make):
        self._scratch, self._make, self._numbers = scratch, make, Counter()
        self.asked: list[tuple[dict, str]] = []
        """(settings, purpose) of every run, in order; without the placebo."""
        self.placebos: list[str | None] = []
        """How much each run was slowed, as its setting says; None for a run that tests no factor."""

    def __call__(self, settings, purpose):
        """One run."""
        settings = dict(settings)
        self.placebos.append(settings.pop(PLACEBO, None))
        number = self._numbers[str(settings)]
        self._numbers[str(settings)] += 1
        folder = Path(self._scratch) / f"run-{len(self.asked)}"
        self.asked.append((dict(settings), purpose))
        return self._make(settings, number).run(folder)

    @property
    def settings(self):
        """The settings of every run, in order."""
        return [settings for settings, _ in self.asked]

    @property
    def purposes(self):
        """The purpose of every run, in order."""
        return [purpose for _, purpose in self.asked]


def is_on(hypothesis, settings):
    """Whether these settings hold any value of its factor, alone or with others."""
    return any(value.items() <= settings.items() for value in hypothesis.values)


def series(scratch, *made):
    """Runs of these contents."""
    return [one.run(Path(scratch) / f"series-{number}") for number, one in enumerate(made)]


def statement(digest, line, *, name="line", meta="int", inputs=()):
    """A statement of the user's file: what it gave, and what it read."""

    def step(written):
        made = written.op(name, digest, line, meta=meta)
        for one in inputs:
            written.input(*one)
        return made

    return step


def drawn(name, digest, line, *, seeded=False):
    """A draw of Python's or NumPy's."""
    return lambda written: written.other(writer.DRAW, name, digest, line, count=int(seeded))


def outside(name, digest, line):
    """An external value."""
    return lambda written: written.other(writer.OUTSIDE, name, digest, line)


def printing(digest, line=99):
    """The program prints a value."""
    return lambda written: written.other(writer.READ, "print", digest, line)


def problem(text):
    """What the recorder could not do."""
    return lambda written: written.stream.append(writer.PROBLEM, name=written.stream.define(writer.TEXTS, text))
