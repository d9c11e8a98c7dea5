"""A run that is told to end: once a checkpoint is complete, or after some seconds."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from auditor.replay.runs import stop as stops
from auditor.replay.runs.run import Setup, run
from auditor.replay.runs.stop import Stop

WRITES = """
import os, sys, time
with open("ck.tmp", "w") as file:
    file.write("half")
    file.flush()
    time.sleep(0.5)
    file.write("whole")
os.replace("ck.tmp", "ck.pt")
print("written", flush=True)
time.sleep(60)
"""
IN_PLACE = (
    'f = open("ck.pt", "w"); f.write("half"); f.flush(); import time; time.sleep(0.7); f.write(" whole"); f.close()'
)
HEEDS = """
import signal, sys, time
def end(number, frame):
    open("last.pt", "w").close()
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
open("ck.pt", "w").close()
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def stopped(tmp_path, program, **when):
    """The run of a program that is told to end, and what was found."""
    stop = Stop(**when)
    made = run([sys.executable, "-c", program], Setup(tmp_path / "run", show=False, stop=stop))
    return made, stop


def test_a_file_that_is_renamed_into_place_ends_the_run(tmp_path):
    made, stop = stopped(tmp_path, WRITES, pattern="ck.*t")

    assert (-signal.SIGTERM, os.path.realpath("ck.pt")) == (made.exit_code, stop.found)
    assert made.seconds < 30


def test_a_file_is_not_complete_while_it_is_open(tmp_path):
    made, _ = stopped(tmp_path, IN_PLACE + "; time.sleep(60)", pattern="ck.pt")

    assert -signal.SIGTERM == made.exit_code
    assert "half whole" == Path("ck.pt").read_text()


def test_a_file_from_before_does_not_count(tmp_path):
    Path("ck.pt").write_text("old")

    made, stop = stopped(tmp_path, "print('nothing')", pattern="ck.pt")

    assert (0, None, "") == (made.exit_code, stop.sent, stop.found)


def test_a_file_from_before_that_is_written_again_counts(tmp_path):
    Path("ck.pt").write_text("old")

    made, _ = stopped(tmp_path, IN_PLACE + "; time.sleep(60)", pattern="ck.pt")

    assert -signal.SIGTERM == made.exit_code


def test_a_folder_is_complete_once_nothing_in_it_was_written_for_a_while(tmp_path):
    program = (
        "import os, time; os.mkdir('step-1')\n"
        "for n in range(4): open(f'step-1/{n}', 'w').write('x'); time.sleep(0.5)\n"
        "time.sleep(60)"
    )
    made, stop = stopped(tmp_path, program, pattern="step-*")

    assert -signal.SIGTERM == made.exit_code
    assert {"0", "1", "2", "3"} == {path.name for path in Path("step-1").iterdir()}
    assert time.time() - max(path.stat().st_mtime for path in Path("step-1").iterdir()) >= stops.QUIET_SECONDS
    assert os.path.realpath("step-1") == stop.found


def test_an_empty_folder_is_no_checkpoint(tmp_path):
    _, stop = stopped(tmp_path, "import os, time; os.mkdir('step-1'); time.sleep(2.5)", pattern="step-*")

    assert stop.sent is None


def test_after_some_seconds(tmp_path):
    made, stop = stopped(tmp_path, "import time; time.sleep(60)", after_seconds=0.3)

    assert (-signal.SIGTERM, "") == (made.exit_code, stop.found)
    assert 0.3 <= made.seconds < 30


def test_a_program_that_heeds_the_signal_writes_what_it_wants(tmp_path):
    made, _ = stopped(tmp_path, HEEDS, pattern="ck.pt")

    assert 7 == made.exit_code
    assert Path("last.pt").exists()


def test_one_that_does_not_heed_it_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(stops, "GRACE_SECONDS", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('ck.pt', 'w'); time.sleep(60)"

    made, _ = stopped(tmp_path, deaf, pattern="ck.pt")

    assert -signal.SIGKILL == made.exit_code


def test_children_end_with_it(tmp_path):
    program = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', \"import time; open('ck.pt', 'w').close(); time.sleep(60)\"])\n"
        "time.sleep(60)"
    )
    made, _ = stopped(tmp_path, program, pattern="ck.pt")

    assert made.seconds < 30
    assert () == made.problems
