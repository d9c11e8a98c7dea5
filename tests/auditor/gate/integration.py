"""What tests of the integrations share: a wheel of this checkout, git, the steps of action.yml as a script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml
from gating import GIT
from support import ROOT

BUILD = "import sys; from hatchling import build; print(build.build_wheel(sys.argv[1]))"


def wheel(target: Path) -> Path:
    """A wheel of this checkout, as `pip install PATH` takes it."""
    done = subprocess.run([sys.executable, "-c", BUILD, target], cwd=ROOT, check=True, capture_output=True, text=True)
    return target / done.stdout.split()[-1]


def git(folder: Path, *words: str) -> str:
    """A git command."""
    command = ["git", *words]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **GIT}, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def filled(text: str, inputs: dict[str, str]) -> str:
    """A value of action.yml with its `${{ inputs.NAME }}` replaced; anything else in braces is refused."""
    found = re.sub(r"\$\{\{\s*inputs\.([a-z-]+)\s*\}\}", lambda match: inputs[match[1]], text)
    assert "${{" not in found, found
    return found


def run_action(folder: Path, inputs: dict[str, str], runner: Path) -> tuple[int, str, dict[str, str]]:
    """
    Run the shell steps of action.yml as a runner does: exit code, output, and the outputs of the step `gate`.

    Steps that use other actions are checked for what they name, and not run.
    """
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    given = {name: told.get("default", "") for name, told in action["inputs"].items()} | inputs
    runner.mkdir(exist_ok=True)
    outputs = runner / "outputs"
    outputs.write_text("")
    base = {"PATH": os.environ["PATH"], "HOME": str(runner), "RUNNER_TEMP": str(runner), "GITHUB_OUTPUT": str(outputs)}
    base |= {"GITHUB_STEP_SUMMARY": str(runner / "summary.md"), **GIT}
    base |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    code, told = 0, ""
    for step in action["runs"]["steps"]:
        if "run" not in step or code:
            continue
        assert "${{" not in step["run"]  # values come through the environment, so that none becomes code
        env = {name: filled(value, given) for name, value in step.get("env", {}).items()}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=folder, env=base | env, capture_output=True, text=True, check=False)
        code, told = done.returncode, told + done.stdout + done.stderr
    return code, told, dict(line.split("=", 1) for line in outputs.read_text().splitlines())
