"""Completion, asked as bash asks: through the script that the program prints, and the variables that it sets."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from auditor import cli
from auditor.cli import completion
from auditor.frameworks import FRAMEWORKS

BIN = Path(sys.executable).parent
PROGRAM = """
eval "$(_AUDITOR_COMPLETE=bash_source auditor)" || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_auditor_completion auditor
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(tmp_path):
    """What bash offers for these words, of which the last is being typed."""

    def ask(*words):
        environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path)}
        command = ["bash", "-c", PROGRAM, "bash", "auditor", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert "" == done.stderr
        return done.stdout.split()

    return ask


@pytest.mark.parametrize(
    "words",
    [["audit", "--check"], ["audit", "--skip"], ["check", "--require"], ["remedy", "--check"], ["explain"]],
    ids=lambda words: words[-1],
)
def test_the_id_of_a_check_is_completed(complete, words):
    """The ids that begin so, and no others."""
    assert ["torch-same-seed"] == complete(*words, "torch-same-s")
    assert [] == complete(*words, "no-such")


def test_commands_and_frameworks_are_completed(complete):
    """The two groups' commands, and the three frameworks."""
    assert ["probe"] == complete("pr")
    assert ["lock"] == complete("container", "l")
    assert [*FRAMEWORKS] == complete("audit", "--framework", "")
    assert ["--trust"] == complete("verify", "--tr")


def test_a_catalogue_that_cannot_be_read_completes_nothing(monkeypatch):
    """No error in the middle of somebody's command line."""
    from auditor.catalogue import catalogue

    def broken():
        raise RuntimeError

    monkeypatch.setattr(catalogue, "load", broken)

    assert [] == completion.check_ids(click.Context(click.Command("x")), click.Argument(["y"]), "torch")


def test_completing_a_command_imports_none():
    """The list of commands is static text: a shell waits for it."""
    program = (
        "import sys, click; from auditor import cli; "
        "found = cli.group.shell_complete(click.Context(cli.group), ''); "
        "print(len(found), sorted(name for name in sys.modules if name.startswith('auditor.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    helpers = [f"auditor.cli.{name}" for name in ("completion", "pipes", "suggestion", "verbosity")]
    assert f"{len(cli.COMMANDS)} {helpers}" == done.stdout.strip()
