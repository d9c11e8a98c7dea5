"""Frameworks that are not installed: nothing to audit is said at once, and the absent ones make no noise."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.experiment import portable
from auditor.privacy.modes import Privacy

AUDITOR = str(Path(sys.executable).with_name("auditor"))
HERE = ("--python", sys.executable)
OWN_CHECK = '''"""
Two is two.

Why: a check of the user's own that needs no framework is something to audit.

Remedy: there is none that would help.
"""

from ..declare import Check

CHECK = Check(severity="low", tier="quick", rule="expected")


def measure(settings):
    return {"two": {"expected": 2, "observed": 2}}
'''


@pytest.fixture
def auditor(tmp_path):
    """Run the program in an empty folder, with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "here").mkdir()

    def run(*arguments, **environment):
        return subprocess.run(
            [AUDITOR, *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=tmp_path / "here",
            env={"HOME": str(home), "PATH": os.environ["PATH"], **environment},
            text=True,
            timeout=580,
        )

    return run


@pytest.mark.parametrize("command", ["audit", "check"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "nothing to audit: neither torch, tensorflow nor jax is installed in "),
        (("--tier", "full"), "nothing to audit: neither torch, tensorflow nor jax is installed in "),
        (("--framework", "torch"), "nothing to audit: torch is not installed in "),
        (("--framework", "torch", "--framework", "jax"), "nothing to audit: neither torch nor jax is installed in "),
        (("--check", "torch-same-seed"), "nothing to audit: torch is not installed in "),
        (("--require", "torch-same-seed"), "nothing to audit: neither torch, tensorflow nor jax is installed in "),
        (("--check", "keras-jax-resume"), "nothing to audit: jax is not installed in "),
    ],
)
def test_nothing_to_audit_is_exit_3_in_one_sentence(auditor, tmp_path, command, options, told):
    """What is missing and what to do; nothing is measured, and neither a folder nor a key is written."""
    done = auditor(command, *HERE, *options)
    first, *rest = done.stderr.splitlines()

    assert (3, "") == (done.returncode, done.stdout)
    assert first == f"auditor: {told}{sys.executable}"
    assert "with --python" in rest[0]
    assert 1 == len(rest)
    assert [] == [*(tmp_path / "here").iterdir()]
    assert not (tmp_path / "home" / ".config").exists()


@pytest.mark.parametrize(("code", "told"), [(0, "the program ran for"), (4, "the program failed after")])
def test_of_a_program_without_a_framework_the_advice_is_not_an_option_that_it_refuses(auditor, code, told):
    """--python has no effect beside a COMMAND; how the program ended is said once."""
    done = auditor("audit", "--", sys.executable, "-c", f"raise SystemExit({code})")

    assert 3 == done.returncode
    assert "nothing to audit: neither torch, tensorflow nor jax is installed in " in done.stderr
    assert "Run the program with a Python that has one." in done.stderr
    assert "--python" not in done.stderr
    assert 1 == done.stderr.count("auditor: the program ")
    assert told in done.stderr


def test_of_another_machines_operators_the_python_can_be_named(auditor, tmp_path):
    """No program ran here: --python decides."""
    operators = tmp_path / "operators.json"
    operators.write_bytes(portable.document([], Privacy("identified")))
    done = auditor("audit", *HERE, "--operators-of", operators)

    assert 3 == done.returncode
    assert "Name your experiment's Python with --python." in done.stderr


@pytest.mark.parametrize("command", ["audit", "check"])
def test_a_check_that_needs_no_framework_goes_on(auditor, command):
    """Named with `--check`, alone or beside one that cannot be measured, or the user's own."""
    done = auditor(command, *HERE, "--check", "python-hash-seed", "--json")

    assert 0 == done.returncode, done.stderr
    assert ["python-hash-seed"] == [finding["check"] for finding in json.loads(done.stdout)["findings"]]


def test_a_users_own_check_goes_on(auditor, tmp_path):
    """A folder of checks that need no framework is something to audit."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "two_is_two.py").write_text(OWN_CHECK)
    done = auditor("check", *HERE, "--checks-from", tmp_path / "mine", "--json", "--skip", "python-hash-seed")
    found = {finding["check"]: finding["outcome"] for finding in json.loads(done.stdout)["findings"]}

    assert "pass" == found["own-two-is-two"], done.stderr


def test_a_folder_of_that_name_in_the_working_folder_is_no_framework(auditor, tmp_path):
    """A checkout of torch beside the user's files is not what an import in an experiment would find."""
    (tmp_path / "here" / "torch").mkdir()
    (tmp_path / "here" / "torch" / "__init__.py").write_text("")

    assert 3 == auditor("check", *HERE, "--framework", "torch").returncode


def test_absent_frameworks_have_no_line_of_progress(auditor, stub_of_jax):
    """Where one is installed, the others are neither started nor checked on the screen, and stay in the findings."""
    done = auditor("check", *HERE, "--json", PYTHONPATH=stub_of_jax)
    found = {finding["check"]: finding["outcome"] for finding in json.loads(done.stdout)["findings"]}
    lines = done.stderr.splitlines()

    assert ("not-applicable", "error") == (found["torch-same-seed"], found["jax-same-seed"])
    assert any(line.startswith("jax-1: ") for line in lines)
    assert any(line.startswith("checking jax-same-seed ...") for line in lines)
    assert [] == [line for line in lines if "torch-" in line or "tensorflow-" in line]


def test_a_named_framework_that_is_absent_stops_what_the_others_could(auditor, stub_of_jax):
    """`--framework torch --framework jax` asks for both; one alone is audited."""
    both = auditor("check", *HERE, "--framework", "torch", "--framework", "jax", PYTHONPATH=stub_of_jax)
    one = auditor("check", *HERE, "--framework", "jax", "--json", PYTHONPATH=stub_of_jax)

    assert (3, True) == (both.returncode, "nothing to audit: torch is not installed in " in both.stderr)
    assert {"jax", "python", "environment"} == {item["framework"] for item in json.loads(one.stdout)["findings"]}


def test_a_damaged_framework_counts_as_installed(auditor, tmp_path):
    """Its audit says how it is damaged; that nothing is installed would be wrong."""
    (tmp_path / "finder").mkdir()
    (tmp_path / "finder" / "sitecustomize.py").write_text(
        "import sys, types\nsys.modules['jax'] = types.ModuleType('jax')\n"
    )
    done = auditor("check", *HERE, "--framework", "jax", "-q", PYTHONPATH=str(tmp_path / "finder"))

    assert "nothing to audit" not in done.stderr
    assert 0 == done.returncode
