"""Runs the steps, one after the other, each within its share of the time and what earlier ones left."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import evidence, limits
from .paths import PATHS
from .results import Output, Result
from .steps import BUDGET_SECONDS, Context, Step

NO_GPU = "no GPU: not run"


class Run:
    """One run of the script. `obstacle` says why no GPU can be used; empty if one can."""

    def __init__(
        self, context: Context, output: Output, *, obstacle: str, budget_seconds: float, tell: Callable[[str], None]
    ) -> None:
        """Nothing is run yet."""
        self._context = context
        self._output = output
        self._obstacle = obstacle
        self._budget_seconds = budget_seconds
        self._tell = tell
        self._evidence = evidence.Evidence()
        self._started = time.monotonic()
        self._allowed_seconds = 0.0
        self.interrupted = ""
        self.results: list[Result] = []

    def all(self, steps: Sequence[Step], spent_seconds: float = 0.0) -> list[Result]:
        """Run them. `spent_seconds` were spent before, and are taken from what the steps may use."""
        self._started -= spent_seconds
        try:
            for step in steps:
                self._next(step)
        except limits.Interrupted as told:  # between two steps, or while results were written
            self.interrupted = f"Interrupted by {told}"
            self._write()
        return self.results

    def _next(self, step: Step) -> None:
        self._allowed_seconds += step.share_seconds * self._budget_seconds / BUDGET_SECONDS
        self._tell(f"{step.name}: {step.what}")
        result = self._one(step)
        self.results.append(result)
        self._tell(f"  {result.status}{f': {result.why}' if result.why else ''} ({result.seconds:.1f} s)")
        self._write()

    def _one(self, step: Step) -> Result:
        reason = self._reason_against(step)
        if reason:
            return Result(step.name, step.what, "not run", reason)
        folder = self._context.work / step.name
        folder.mkdir(parents=True)
        command = tuple(step.command(self._context))
        limit = self._left_seconds()
        (folder / "command.json").write_text(
            json.dumps({"command": command, "env": step.env, "limitSeconds": limit}, indent=2), encoding="utf-8"
        )
        result = Result(step.name, step.what, "stopped", command=command, limit_seconds=limit)
        try:
            ended = limits.run(command, limit_seconds=limit, folder=folder, env={**os.environ, **step.env}, cwd=folder)
        except limits.Interrupted as told:
            self.interrupted = f"Interrupted by {told} during {step.name}: later steps were not run"
            return replace(result, why=f"the script got {told}", files=_files(folder))
        return self._judged(step, folder, replace(result, exit_code=ended.exit_code, seconds=ended.seconds), ended)

    def _judged(self, step: Step, folder: Path, result: Result, ended: limits.Ended) -> Result:
        fine = ended.exit_code in step.expected and not ended.stopped and not ended.problem
        problem = self._evidence.add(step, folder, as_expected=fine)
        envelope = folder / step.manifest / "manifest.dsse.json"
        if step.kept and envelope.is_file():
            self._output.keep(envelope, step.name)
        files = _files(folder)
        if ended.stopped:
            why = "; ".join(filter(None, (f"stopped at its limit of {result.limit_seconds:.0f} s", ended.problem)))
            return replace(result, status="stopped", why=why, files=files)
        if ended.problem:
            return replace(result, status="unexpected", why=ended.problem, files=files)
        if fine and not problem:
            return replace(result, status="as expected", files=files)
        wanted = " or ".join(map(str, step.expected))
        why = problem if fine else f"exit code {ended.exit_code} instead of {wanted}: {_last_line(folder / 'stderr')}"
        return replace(result, status="unexpected", why=why, files=files)

    def _reason_against(self, step: Step) -> str:
        """Why the step is not run; empty if it is."""
        if self.interrupted:
            return "the script was interrupted before"
        if step.frameworks and not self._context.chosen(step.frameworks):
            return f"{' and '.join(step.frameworks)} not chosen (--frameworks)"
        if step.gpu and self._obstacle:
            return NO_GPU
        if self._left_seconds() < step.least_seconds:
            return f"{self._left_seconds():.0f} s are left, and it needs {step.least_seconds:.0f} s"
        return ""

    def _left_seconds(self) -> float:
        """The shares up to this step, less what was used of them."""
        return self._allowed_seconds - (time.monotonic() - self._started)

    def _write(self) -> None:
        about: dict[str, Any] = {
            "gpu": f"none ({self._obstacle})" if self._obstacle else "usable",
            "python": self._context.python,
            "budget_seconds": self._budget_seconds,
            "seconds": time.monotonic() - self._started,
            "interrupted": self.interrupted,
        }
        self._output.write(self.results, evidence.told(PATHS, self._evidence, gpu=not self._obstacle), about)


def _files(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"
