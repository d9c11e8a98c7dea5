"""`auditor audit -- COMMAND`: usage, exit codes, and a whole audit of a real program."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from support import AUDITED, ROOT

from auditor.cli import group
from auditor.errors import UsageError

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
EXPERIMENTS = ROOT / "tests" / "auditor" / "replay" / "experiments"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--python", "x", "--", "true"], "--python has no effect with a COMMAND"),
        (["--image", "x", "--", "true"], "--image has no effect with a COMMAND"),
        (["--for", "3"], "--for has no effect without a COMMAND"),
        (["--steps", "3"], "--steps has no effect without a COMMAND"),
        (["--price"], "--price has no effect without a COMMAND"),
        (["--price", "--for", "3", "--", "true"], "equal by force"),
    ],
)
def test_options_that_exclude_each_other_are_usage_errors(arguments, told):
    """Before the program runs."""
    answer = CliRunner().invoke(group, ["audit", *arguments])

    assert isinstance(answer.exception, UsageError)
    assert told in str(answer.exception)


def test_a_command_without_python_is_nothing_to_audit(tmp_path):
    """Exit 3, and nothing is written."""
    done = subprocess.run(
        [*AUDITOR, "audit", "--no-sign", "-o", "out", "--", "true"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )

    assert 3 == done.returncode
    assert "no Python process of the command could be recorded" in done.stderr
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.frameworks
@pytest.mark.slow
def test_a_racing_program_is_told_and_its_operators_travel(tmp_path):
    """Exit 1; the race with its line; operators.json belongs to the folder; another audit measures them again."""
    out = tmp_path / "out"
    common = [*AUDITOR, "audit", "-q", "--no-sign", "--json", "--check", "torch-uninitialised"]
    done = subprocess.run(
        [*common, "-o", str(out), "--", AUDITED, str(EXPERIMENTS / "torch_reaches_race.py")],
        capture_output=True,
        check=False,
        text=True,
    )
    held = json.loads(done.stdout)
    found = {one["check"]: one for one in held["findings"]}

    assert 1 == done.returncode
    assert "(races; `use_deterministic_algorithms(True)` cures it, measured)" in held["program"]["lines"][0]
    assert "torch.use_deterministic_algorithms(True)" in held["program"]["cure"]
    assert "done (4,)" in done.stderr
    assert ("setup", "aten::index_put", 13) == (
        found["experiment-operators"]["kind"],
        found["experiment-operators"]["reach"]["operator"],
        found["experiment-operators"]["reach"]["line"],
    )
    assert "numpy is never seeded" in found["experiment-seeds"]["message"]
    assert "not-reached" == found["torch-uninitialised"]["reach"]["state"]
    experiment = json.loads((out / "manifest.json").read_text())["predicate"]["experiment"]
    assert 3 == experiment["steps"]
    there = tmp_path / "there"
    subprocess.run(
        [*common, "--python", AUDITED, "-o", str(there), "--operators-of", str(out / "operators.json")], check=False
    )
    other = json.loads((there / "manifest.json").read_text())["predicate"]["experiment"]

    assert {*experiment["measured"]} == {*other["measured"]}
    assert all(experiment["measured"][one]["inputs"] == other["measured"][one]["inputs"] for one in other["measured"])
