"""A command is slowed by being stopped and continued, with its children, and never stays stopped."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from auditor.replay.runs.slowed import slowed

WORK = "import time\nwhile time.process_time() < 1.0: pass"
"""A second of a processor's time, however long that takes."""
IN_CHILD = f"import subprocess, sys\nsys.exit(subprocess.call([sys.executable, '-c', {WORK!r}]))"


def wall_seconds(text, ratio):
    """How long the program took, slowed by this ratio."""
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, "-c", text])
    with slowed(child.pid, ratio):
        assert child.wait() == 0
    return time.monotonic() - began


@pytest.mark.parametrize("text", [WORK, IN_CHILD])
def test_it_takes_several_times_as_long(text):
    """Half of a child's work may be done before it is found. On a busy machine it only takes longer."""
    assert wall_seconds(text, 5.0) > 1.8


@pytest.mark.parametrize("ratio", [1.0, 1.04, 0.5])
def test_a_ratio_of_about_one_stops_nothing(ratio):
    """No process is started for it."""
    before = psutil.Process().children()
    with slowed(1, ratio):
        assert before == psutil.Process().children()


def test_nothing_stays_stopped_after_the_block():
    """Left at any moment of a turn."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        for pause in (0.0, 0.01, 0.03, 0.06, 0.08):
            with slowed(child.pid, 4.0):
                time.sleep(pause)
            assert psutil.Process(child.pid).status() != psutil.STATUS_STOPPED
    finally:
        child.kill()
        child.wait()


def test_a_process_that_has_ended_is_no_problem():
    """Its id names nothing."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    with slowed(child.pid, 4.0):
        time.sleep(0.2)


DIES = """
import os, signal, subprocess, sys, time
from auditor.replay.runs.slowed import slowed
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
with slowed(child.pid, 20.0):
    time.sleep(60)
"""


def test_a_command_goes_on_when_we_are_killed():
    """It is stopped for nineteen of twenty parts of the time, and nobody of us is left to continue it."""
    ours = subprocess.Popen([sys.executable, "-c", DIES], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(ours.stdout.readline()))
    try:
        assert _comes(lambda: child.status() == psutil.STATUS_STOPPED)
        ours.send_signal(signal.SIGKILL)
        ours.wait()
        assert _comes(lambda: _stays_awake(child))
    finally:
        child.kill()
        ours.stdout.close()


def _comes(reached, seconds=30):
    """Whether it is reached in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if reached():
            return True
        time.sleep(0.005)
    return False


def _stays_awake(child):
    """Whether it is not stopped in any of many looks over several turns."""
    for _ in range(40):
        if child.status() == psutil.STATUS_STOPPED:
            return False
        time.sleep(0.01)
    return True
