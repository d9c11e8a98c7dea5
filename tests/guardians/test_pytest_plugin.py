"""The plugin for pytest, in a project of its own: a test that repeats passes, one that does not fails with its line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import ROOT

PLUGIN = ROOT / "integrations" / "pytest-auditor"
AUDITOR = str(Path(sys.executable).with_name("auditor"))
TESTS = """
import random
import unittest
import pytest

@pytest.mark.reproducible(runs=2, seed=0)
def test_seeded():
    print(random.random())

@pytest.mark.reproducible(runs=2)
def test_unseeded():
    print(random.random())  # guilty

@pytest.mark.reproducible(runs=2)
def test_wrong_by_itself():
    assert 1 == 2

@pytest.mark.reproducible(runs=1)
def test_once():
    pass

@pytest.mark.reproducible(runs=2)
def test_silent():
    pass

class TestCase(unittest.TestCase):
    @pytest.mark.reproducible(runs=2)
    def test_method(self):
        print(random.random())

def test_unmarked():
    print(random.random())
"""


def project(folder, selected, **variables):
    """What pytest says of these tests of a project with the plugin, that has options of its own."""
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -v\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "pytest_auditor", "-p", "no:cacheprovider", "-k", selected]
    environment = {**os.environ, "PYTHONPATH": str(PLUGIN), **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_without_auditor_the_test_is_skipped_with_the_reason(tmp_path):
    """Others of the project run."""
    done = project(tmp_path, "seeded or unmarked", AUDITOR=str(tmp_path / "none"), PY_COLORS="0", COLUMNS="200")

    assert 0 == done.returncode, done.stdout
    assert "1 passed, 2 skipped" in done.stdout
    assert "the auditor program is not there" in done.stdout


def test_one_run_is_no_comparison_and_a_failure_of_its_own_is_told_as_ever(tmp_path):
    """Neither is replayed."""
    done = project(tmp_path, "once or wrong", AUDITOR=sys.executable)

    assert 1 == done.returncode
    assert "runs must be a whole number from 2, not 1" in done.stdout
    assert "assert 1 == 2" in done.stdout
    assert "not reproducible" not in done.stdout


def test_a_program_that_is_no_auditor_is_no_verdict(tmp_path):
    """It fails the test; it never reads as a pass."""
    done = project(tmp_path, "test_seeded", AUDITOR="/bin/true")

    assert 1 == done.returncode
    assert "auditor gave no result (exit code 0)" in done.stdout


SLOW_TO_END = """#!{python}
import pathlib, signal, sys, time

def put_back(*_given):
    time.sleep(1.5)
    pathlib.Path("put-back").touch()
    sys.exit(130)

signal.signal(signal.SIGINT, put_back)
pathlib.Path("begun").touch()
time.sleep(60)
"""


def test_an_interrupted_auditor_may_put_the_files_back_before_it_ends(tmp_path):
    """Ctrl-C reaches both; `subprocess.run` would kill it after a quarter of a second."""
    program = tmp_path / "auditor"
    program.write_text(SLOW_TO_END.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "pytest_auditor", "-p", "no:cacheprovider", "-k", "test_seeded"]
    environment = {**os.environ, "PYTHONPATH": str(PLUGIN), "AUDITOR": str(program)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not (tmp_path / "begun").exists() and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)

    assert pytest.ExitCode.INTERRUPTED == process.returncode
    assert (tmp_path / "put-back").exists()


@pytest.mark.slow
def test_a_test_that_repeats_passes_and_one_that_does_not_fails_with_its_line(tmp_path):
    """The draw's line, its cause and its cure; the seed of the marker counts in each process."""
    done = project(tmp_path, "seeded or unmarked or silent or method", AUDITOR=AUDITOR)
    line = 1 + next(number for number, text in enumerate(TESTS.splitlines()) if "# guilty" in text)

    assert "3 failed, 2 passed" in done.stdout, done.stdout
    assert 2 == done.stdout.count("\nnot reproducible: diverged\n")  # the method of a TestCase too
    assert "not reproducible: inconclusive\nnothing was compared" in done.stdout
    assert f"first difference: random.random at {tmp_path / 'test_it.py'}:{line} (unseeded-random)" in done.stdout
    assert "random.seed(0)" in done.stdout
    assert "PluggyTeardownRaisedWarning" not in done.stdout
