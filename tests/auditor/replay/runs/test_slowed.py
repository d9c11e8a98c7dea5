"""A command is slowed by being stopped and continued, with its children, and never stays stopped."""

import subprocess
import sys
import threading
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
    """No thread is started for it."""
    before = threading.active_count()
    with slowed(1, ratio):
        assert before == threading.active_count()


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
