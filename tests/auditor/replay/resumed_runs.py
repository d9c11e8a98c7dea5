"""Real runs for tests of `replay/resume`: a whole and a stopped one, and resumed ones on what the stopped one left."""

from __future__ import annotations

import shutil

from auditor.replay.runs.run import Setup, run
from auditor.replay.runs.stop import Stop


class Made:
    """The whole and the stopped run, and resumed ones on copies of what the stopped one left."""

    def __init__(self, command, stop, folder, monkeypatch):
        self._command, self._folder, self._monkeypatch = command, folder, monkeypatch
        self.whole = self._run("whole")
        self.stopped = self._run("left", stop=stop)

    def _run(self, work, *arguments, stop=""):
        """One run in this working folder."""
        work = self._folder / work
        work.mkdir(exist_ok=True)
        self._monkeypatch.chdir(work)
        folder = self._folder / f"run-of-{work.name}"
        setup = Setup(folder, show=False, steps=True, stop=Stop(stop) if stop else None)
        return run([*self._command, *arguments], setup)

    def resumed(self, *arguments):
        """A resumed run with these arguments."""
        work = "work-" + "-".join(one.strip("-") for one in arguments)
        shutil.copytree(self._folder / "left", self._folder / work)
        return self._run(work, *arguments)
