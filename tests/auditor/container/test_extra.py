"""Without the packages of `auditor[container]`: what needs them says so, and everything else works."""

import json
import re
import subprocess
import sys
from importlib import metadata

import pytest
import samples
from support import ROOT

from auditor.container import extra
from auditor.manifest.models import payload_bytes

WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("docker", "pypi_simple", "requests", "urllib3"):
            raise ModuleNotFoundError("No module named %r" % name, name=name)

sys.meta_path.insert(0, Absent())
from auditor import cli
sys.exit(cli.run(sys.argv[1:]))
"""


def auditor(*arguments, cwd):
    """The program in a process that cannot import the extra's packages."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture
def here(tmp_path):
    """A folder with a manifest and a specification."""
    (tmp_path / "manifest.json").write_bytes(payload_bytes(samples.manifest()))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["container", "lock", "manifest.json"],
        ["container", "build", "."],
        ["container", "verify", "manifest.json", "image"],
        ["audit", "--image", "image"],
    ],
    ids=lambda arguments: arguments[1],
)
def test_a_command_that_needs_them_says_how_to_install_them(here, arguments):
    """Exit 5 with their names and the command that installs them; nothing is written, and it is no defect of ours."""
    before = sorted(here.rglob("*"))
    done = auditor(*arguments, cwd=here)

    assert 5 == done.returncode, done.stderr
    assert "not installed: docker, pypi-simple, requests, urllib3" in done.stderr
    assert "pip install 'auditor[container]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
    assert before == sorted(here.rglob("*"))


@pytest.mark.parametrize("command", ["lock", "build", "verify", "write"])
def test_its_help_needs_none_of_them(here, command):
    """Who wants to know what a command does needs not install anything for it."""
    done = auditor("container", command, "--help", cwd=here)

    assert (0, True) == (done.returncode, "Usage: auditor container" in done.stdout), done.stderr


def test_everything_else_works_without_them(here):
    """An audit, its verification, its specification and its comparison with itself."""
    made = auditor(
        "audit", "--python", sys.executable, "--check", "python-hash-seed", "-o", "one", "-q", "--json", cwd=here
    )
    assert made.returncode in {0, 1}, made.stderr
    assert ["python-hash-seed"] == [item["check"] for item in json.loads(made.stdout)["findings"]]

    for arguments in (["verify", "one", "--integrity-only"], ["container", "write", "one"], ["compare", "one", "one"]):
        done = auditor(*arguments, cwd=here)
        assert 0 == done.returncode, (arguments, done.stdout, done.stderr)
    assert (here / "container" / "Dockerfile").is_file()


def test_the_extra_names_what_is_looked_for():
    """pyproject.toml and the code name the same packages, and none of them is required of everybody."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"(?ms)^container = \[.*?^\]", text).group()
    required = re.search(r"(?ms)^dependencies = \[.*?^\]", text).group()
    named = re.findall(r'"([a-z0-9-]+)[><=]', block)

    assert sorted(extra.MODULES.values()) == named
    assert not set(named) & set(re.findall(r'"([a-z0-9-]+)[><=;]', required))
    assert all(metadata.version(name) for name in named)
