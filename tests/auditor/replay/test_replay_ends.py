"""A replay that is told to stop: whatever the experiment makes of the signal, nothing of it is left."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from support import ROOT

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
STUBBORN = """
import signal, subprocess, sys, time
{heed}
code = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); {ignore}time.sleep(120)"
child = subprocess.Popen([sys.executable, "-I", "-c", code], start_new_session=True)
time.sleep(0.5)
print("started", flush=True)
while True:
    time.sleep(1)
"""
IGNORING = "signal.signal(signal.SIGINT, lambda *_: print('heard', flush=True))"
TERM_TOO = "signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path_factory, monkeypatch):
    """A replay sets files of its working folder aside, and two in one folder are refused."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def started(tmp_path, program):
    """A replay whose experiment runs, and the processes below it."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [*AUDITOR, "replay", "--", sys.executable, "-c", program]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert "started" in process.stdout.readline()
    return process, psutil.Process(process.pid).children(recursive=True)


def ended(process, family, tmp_path):
    """Exit 130, no process left, no scratch folder left."""
    _, told = process.communicate(timeout=60)

    assert 130 == process.returncode, told
    assert "interrupted" in told
    assert 2 == len(family)
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert [] == list(tmp_path.iterdir())


def test_a_second_interrupt_ends_an_experiment_that_ignores_the_first(tmp_path):
    """The first is the experiment's own to heed, and it goes on; the second is an order."""
    process, family = started(tmp_path, STUBBORN.format(heed=IGNORING, ignore=TERM_TOO))
    process.send_signal(signal.SIGINT)
    assert "heard" in process.stdout.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGINT)

    ended(process, family, tmp_path)


@pytest.mark.parametrize("pause_seconds", [0.2, 1.0])
def test_a_second_interrupt_while_processes_are_ended_leaves_no_orphan(tmp_path, pause_seconds):
    """The experiment ends at once; its child heeds neither SIGINT nor SIGTERM, and the second comes meanwhile."""
    process, family = started(tmp_path, STUBBORN.format(heed="", ignore=TERM_TOO))
    process.send_signal(signal.SIGINT)
    time.sleep(pause_seconds)
    process.send_signal(signal.SIGINT)

    ended(process, family, tmp_path)
