"""SARIF under Microsoft's own validator, which knows more rules than the schema."""

import json
import os
import shutil
import stat
import subprocess

import pytest
from gating import failing, made, passing, reached, replayed

PACKAGE = "@microsoft/sarif-multitool-linux@5.7.0"
UNWANTED = {"SARIF2005"}
"""Rules that do not hold by choice: the project has no address yet that `informationUri` could name."""


@pytest.fixture(scope="module")
def multitool(tmp_path_factory):
    """The validator from the npm registry; skipped where there is no npm, or where it cannot be installed."""
    named = os.environ.get("AUDITOR_TEST_MULTITOOL")
    if named:
        return named
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("multitool")
    done = subprocess.run(["npm", "install", "--silent", "--prefix", folder, PACKAGE], capture_output=True, check=False)
    tool = folder / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    if done.returncode or not tool.exists():
        pytest.skip(f"npm cannot install {PACKAGE}")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return str(tool)


def complaints(multitool, project):
    """Rule ids of what the validator says about gate.sarif."""
    command = [multitool, "validate", "gate.sarif", "--log", "ForceOverwrite", "--output", "told.sarif"]
    command += ["--rule-kind", "Sarif;Gh"]  # errors and warnings, and what GitHub asks for
    subprocess.run(command, cwd=project.folder, check=False, capture_output=True)
    run = json.loads((project.folder / "told.sarif").read_text())["runs"][0]
    return {one["ruleId"] for one in run.get("results", [])}


@pytest.mark.slow
def test_the_validator_finds_no_fault(project, multitool):
    """Failures of every kind, accepted ones, a baseline; and it does find a planted fault."""
    (project.folder / "train.py").write_text("a\nb\nc\n")
    (project.folder / "uv.lock").write_text('name = "torch"\n')
    entry = '[[accepted]]\ncheck = "a-known"\nversions = "python>=3"\nreason = "r"\nowner = "o"\nexpires = 2999-01-01\n'
    project.policy("versions = ['torch>=9']\nchecks.require = ['x-y']\nlock = 'uv.lock'\n" + entry)
    found = made(failing(), failing("a-known"), reached(), passing(), replays=[replayed("diverged")])

    code, _, _ = project.run(project.signed(found), "--format", "sarif", "-o", "gate.sarif")

    assert code == 1
    assert complaints(multitool, project) <= UNWANTED

    document = json.loads((project.folder / "gate.sarif").read_text())
    document["runs"][0]["results"][0]["ruleIndex"] = 99
    (project.folder / "gate.sarif").write_text(json.dumps(document))
    assert complaints(multitool, project) - UNWANTED
