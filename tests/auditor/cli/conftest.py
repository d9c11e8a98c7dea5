"""What tests of the command line share: one finished audit, made once and judged many times."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

AUDITOR = str(Path(sys.executable).with_name("auditor"))


@dataclass(frozen=True)
class Finished:
    """One audit of our own interpreter, which holds no framework, with an identity of its own."""

    folder: Path
    home: Path
    code: int
    stdout: str
    stderr: str

    @property
    def predicate(self) -> dict:
        """The manifest's predicate."""
        return json.loads((self.folder / "manifest.json").read_text())["predicate"]

    def copied(self, folder: Path) -> Path:
        """A copy of the audit's folder, for a test that changes it."""
        return Path(shutil.copytree(self.folder, folder))


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Finished:
    """Facts, checks of Python, findings, signature, report and specifications, as `auditor audit -o out -q` writes."""
    place = tmp_path_factory.mktemp("audited")
    home = place / "home"
    home.mkdir()
    done = subprocess.run(
        [AUDITOR, "audit", "--python", sys.executable, "-o", "out", "-q"],
        capture_output=True,
        check=False,
        cwd=place,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        text=True,
    )
    return Finished(place / "out", home, done.returncode, done.stdout, done.stderr)
