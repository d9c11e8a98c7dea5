"""`-v` and `-vv`: what is logged, where, and what never is."""

import json
import logging
import os
import subprocess
import sys

import click
import pytest

from auditor import cli, errors
from auditor.cli import verbosity
from auditor.container.locks import client
from auditor.container.locks.indexes import Index

CHECK = ["check", "--python", sys.executable, "--check", "python-hash-seed", "-q", "--json"]
SECRET = "correct-horse-battery"


def auditor(*arguments, **environment):
    """The program in a process of its own."""
    command = [sys.executable, "-c", "from auditor.cli import main; main()", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["-v", *CHECK], [*CHECK, "-v"]], ids=["before", "after"])
def test_v_says_which_process_starts_and_why(arguments):
    """On stderr, before the command or after it: the processes with their settings. stdout holds the JSON alone."""
    done = auditor(*arguments)

    assert done.returncode in {0, 1}, done.stderr
    assert {"findings", "readings"} <= json.loads(done.stdout).keys()
    assert "INFO auditor.audit.run: python-1 starts: python-hash-seed; settings {}" in done.stderr
    assert "'hash-seed': " in done.stderr
    assert "DEBUG" not in done.stderr


def test_nothing_is_logged_without_it():
    """Quiet stays quiet."""
    assert "" == auditor(*CHECK).stderr


def test_vv_adds_commands_and_tracebacks_and_auditor_debug_is_its_alias(tmp_path):
    """The same lines, whichever of the two asks for them."""
    missing = ["check", "--python", str(tmp_path / "nowhere")]
    for done in (auditor("-vv", *missing), auditor(*missing, AUDITOR_DEBUG="1")):
        assert 2 == done.returncode
        assert "DEBUG auditor.cli.verbosity: the program ends by this error" in done.stderr
        assert "Traceback (most recent call last):" in done.stderr
    assert "DEBUG auditor.interpreter.launcher: process " in auditor("-vv", *CHECK).stderr
    assert "Traceback" not in auditor(*missing).stderr


def test_an_unexpected_error_says_how_to_see_where(monkeypatch, capsys):
    """Exit 5, and with -vv the line of code that raised it."""

    def broken(*_):
        raise RuntimeError("castle")

    monkeypatch.setattr(click.Group, "invoke", broken)

    assert errors.FAILED == cli.run(["-vv", "list"])
    told = capsys.readouterr()
    assert "`auditor -vv` shows where it happened" in told.err
    assert 'raise RuntimeError("castle")' in told.err
    assert "" == told.out


def test_no_secret_is_logged(monkeypatch, capsys):
    """The value of a secret variable, a password in an address, and a traceback that holds one."""
    monkeypatch.setenv("CASTLE_TOKEN", SECRET)
    try:
        verbosity.show(2)
        logger = logging.getLogger("auditor.castle")
        logger.info("asks %s with %s", f"https://me:{SECRET}-x@index.example/simple", {"token": SECRET})
        verbosity.trace(ValueError(SECRET))
    finally:
        verbosity.hide()

    told = capsys.readouterr().err
    assert "INFO auditor.castle: asks https://" in told
    assert "ValueError: <redacted>" in told
    assert SECRET not in told


def test_a_planted_secret_stays_out_of_a_whole_commands_log():
    """A real check under -vv, with a secret in the environment of its processes."""
    done = auditor("-vv", *CHECK, CASTLE_TOKEN=SECRET)

    assert "DEBUG" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_what_a_lock_asks_is_logged_without_its_credentials(capsys):
    """The address, and that credentials go with it."""
    asked = client.Client(Index("http://127.0.0.1:9/simple/", "given", credentials=("me", SECRET)))
    try:
        verbosity.show(1)
        with pytest.raises(client.Dead):
            asked.read("http://127.0.0.1:9/simple/castle/", "text/html", 100, 1.0)
    finally:
        verbosity.hide()

    told = capsys.readouterr().err
    assert "INFO auditor.container.locks.client: asks http://127.0.0.1:9/simple/castle/ with credentials" in told
    assert SECRET not in told


def test_control_characters_do_not_reach_the_terminal(capsys):
    """A hostile name in a log moves no cursor."""
    try:
        verbosity.show(1)
        logging.getLogger("auditor.castle").info("name \x1b[31m\rred")
    finally:
        verbosity.hide()

    assert not {"\x1b", "\r"} & {*capsys.readouterr().err}


def test_help_imports_neither_logging_nor_the_lock():
    """`auditor --help` must cost little more than importing click."""
    program = (
        "import sys; from auditor import cli; cli.run(['--help']); "
        "print({'logging', 'filelock', 'traceback'} & {*sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "set()" == done.stderr.strip()
    assert "--verbose" in done.stdout


def test_a_shallow_probe_imports_no_library_that_it_does_not_use():
    """The lock, the container engine's client and the index's cost more than the probe itself."""
    program = (
        "import sys; from auditor import cli; "
        f"code = cli.run(['probe', '--shallow', '-q', '--json', '--python', {sys.executable!r}]); "
        "heavy = {'filelock', 'docker', 'requests', 'urllib3', 'pypi_simple', 'packaging'}; "
        "print(code, heavy & {*sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "0 set()" == done.stderr.strip()
