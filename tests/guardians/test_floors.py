"""The import contracts hold, and a module that breaks one is found: each contract is made to fail once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT


@pytest.fixture
def house(tmp_path):
    """A copy of the package and of its contracts, to be broken."""
    shutil.copytree(ROOT / "auditor", tmp_path / "auditor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def linted(folder):
    """What the linter of imports answers about the package in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_hold(house):
    """The negative control of those below."""
    answer = linted(house)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("path", "code", "contract"),
    [
        ("stranger.py", "", "Nothing imports upwards"),
        ("wing/__init__.py", "", "Nothing imports upwards"),
        ("manifest/upwards.py", "from ..cli import main", "Nothing imports upwards"),
        ("audit/sideways.py", "from ..replay import model", "Nothing imports upwards"),
        ("replay/trace/circle.py", "from ..cause import hypotheses", "No circle among siblings"),
        ("render/measuring.py", "from ..rules import judge", "Everything after the manifest"),
        ("rules/framework.py", "import torch", "The host never imports a framework"),
    ],
)
def test_a_module_that_breaks_a_contract_is_found(house, path, code, contract):
    """A module on no floor, an import upwards or sideways, a circle, a reader that measures, a framework."""
    new = house / "auditor" / path
    new.parent.mkdir(exist_ok=True)
    new.write_text(f"{code}\n")
    answer = linted(house)

    assert answer.returncode == 1
    assert f"{contract}" in answer.stdout.partition("Broken contracts")[2], answer.stdout
