"""`auditor replay --resume 'CMD' --stop-when GLOB | --stop-after SECONDS`: whether resuming gives the same run."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..replay.resume.runs import ResumeOptions

NEEDS = "Nothing was run. For example: --resume 'python train.py --resume' --stop-when 'checkpoints/step-100.pt'."


@dataclass(frozen=True)
class Resuming:
    """What `--resume` and its kin ask for."""

    command: Sequence[str]
    pattern: str = ""
    after_seconds: float | None = None

    def options(
        self, command: Sequence[str], scratch: Path, *, timeout: float | None, allow_failure: bool, show: bool
    ) -> ResumeOptions:
        """The options of the replay."""
        return ResumeOptions(
            command, self.command, scratch, self.pattern, self.after_seconds, timeout, allow_failure, show
        )


def asked(
    resume: str | None, stop_when: str | None, stop_after: float | None, others: Mapping[str, object]
) -> Resuming | None:
    """What is asked for; None without `--resume`. `others` are options that have no effect with it, by their names."""
    if resume is None:
        given = "--stop-when" if stop_when is not None else "--stop-after" if stop_after is not None else ""
        if given:
            raise UsageError(f"{given} says when the run is stopped that --resume resumes, which is missing", NEEDS)
        return None
    if (stop_when is None) == (stop_after is None):
        what = "one of --stop-when and --stop-after" if stop_when is None else "--stop-when or --stop-after, not both"
        raise UsageError(f"--resume needs {what}: when the run is stopped that it resumes", NEEDS)
    if stop_when == "":
        raise UsageError("--stop-when names no file", NEEDS)
    if unused := [name for name, value in others.items() if value]:
        raise UsageError(f"--resume and {unused[0]} exclude each other", "Nothing was run. Leave out one of them.")
    return Resuming(_words(resume), stop_when or "", stop_after)


def _words(text: str) -> list[str]:
    """The command and its arguments, as a shell splits them; nothing else of a shell is done."""
    try:
        words = shlex.split(text)
    except ValueError as problem:
        raise UsageError(f"the command of --resume cannot be split into words: {problem}", NEEDS) from problem
    if not words:
        raise UsageError("--resume names no command", NEEDS)
    if shutil.which(words[0]) is None:
        raise UsageError(f"the command of --resume cannot be started: there is no program {words[0]!r}", NEEDS)
    return words
