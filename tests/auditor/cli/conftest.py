"""What tests of the command line share: one finished audit, made once and judged many times; a stub of JAX."""

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
CHECKS = ("python-hash-seed", "python-file-order", "environment-hash-seed-set")
"""Checks that need no framework."""


HERE = ("--python", sys.executable)


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
        [AUDITOR, "audit", *HERE, "-o", "out", "-q", *(word for check in CHECKS for word in ("--check", check))],
        capture_output=True,
        check=False,
        cwd=place,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        text=True,
    )
    return Finished(place / "out", home, done.returncode, done.stdout, done.stderr)


@pytest.fixture
def stub_of_jax(tmp_path):
    """A folder for PYTHONPATH in which JAX is installed as far as can be seen, and raises when it is imported."""
    folder = tmp_path / "stub"
    folder.mkdir()
    (folder / "jax.py").write_text("raise ImportError('a stub')\n")
    return str(folder)
