"""`auditor replay --resume`: its options, and what it tells where nothing can be compared."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from support import ROOT

from auditor.cli.replay import command
from auditor.errors import UsageError

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
LOOP = """
import os, sys, time
start = int(open("step.txt").read()) if "--resume" in sys.argv else 0
if "--fails" in sys.argv:
    raise SystemExit("cannot resume")
for step in range(start, 6):
    with open("step.tmp", "w") as file:
        file.write(str(step + 1))
    os.replace("step.tmp", "step.txt")
    time.sleep(0.4)
    with open("log.txt", "a") as log:
        log.write(f"step {step}\\n")
if "--resume" in sys.argv:
    open("resumed.log", "w").close()
print("done")
"""


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """The working folder, which holds the program."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "train.py").write_text(LOOP)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--resume", "x"], "--resume needs one of --stop-when and --stop-after"),
        (["--resume", "x", "--stop-when", "a", "--stop-after", "1"], "not both"),
        (["--stop-when", "a"], "--stop-when says when the run is stopped"),
        (["--stop-after", "1"], "--stop-after says when the run is stopped"),
        (["--resume", "", "--stop-after", "1"], "names no command"),
        (["--resume", "x", "--stop-when", ""], "--stop-when names no file"),
        (["--resume", "no-such-program --resume", "--stop-after", "1"], "there is no program 'no-such-program'"),
        (["--resume", "x 'y", "--stop-after", "1"], "cannot be split"),
        (["--resume", "x", "--stop-after", "1", "--vary", "threads"], "--resume and --vary exclude each other"),
        (["--resume", "x", "--stop-after", "1", "--attach", "out"], "--resume and --attach exclude each other"),
    ],
)
def test_half_of_the_options_is_a_usage_error(options, told):
    with pytest.raises(UsageError, match=told):
        CliRunner().invoke(command, [*options, "--", "true"], catch_exceptions=False, standalone_mode=False)


def replayed(*options, program="train.py"):
    """(exit code, JSON, stderr) of a replay of the program."""
    line = [*AUDITOR, "replay", "--json", *options, "--", sys.executable, program]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout), done.stderr


def test_no_checkpoint_within_the_run_is_inconclusive(work):
    """And the folder is as after one run of the command."""
    code, told, stderr = replayed("--resume", f"{sys.executable} train.py --resume", "--stop-when", "*.ckpt")

    assert (3, "inconclusive", "inconclusive") == (code, told["verdict"], told["resume"]["verdict"])
    assert told["problems"][0].startswith("no checkpoint was made within the run: nothing that *.ckpt names")
    assert {"train.py", "step.txt", "log.txt"} == {path.name for path in work.iterdir()}
    assert "".join(f"step {number}\n" for number in range(6)) == (work / "log.txt").read_text()
    assert "run 2: to be stopped once *.ckpt is there" in stderr


def test_a_resumed_run_that_fails_is_inconclusive(work):
    code, told, _ = replayed("--resume", f"{sys.executable} train.py --resume --fails", "--stop-when", "step.txt")

    assert (3, [0, -15, 1]) == (code, told["exit_codes"])
    assert told["problems"][0].startswith("the resumed run (--resume) failed with exit code 1")
    assert "".join(f"step {number}\n" for number in range(6)) == (work / "log.txt").read_text()


def test_the_resumed_run_finds_what_the_stopped_one_left_and_nothing_of_both_stays(work):
    """`resumed.log` is written by the resumed run alone, which was seen to write it."""
    (work / "notes.txt").write_text("mine")
    resume = f"{sys.executable} -c \"print(open('log.txt').read().count('step'), open('step.txt').read())\""
    line = [*AUDITOR, "replay", "--resume", resume, "--stop-when", "log.txt", "--", sys.executable, "train.py"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    replayed("--resume", f"{sys.executable} train.py --resume", "--stop-when", "step.txt")

    assert 3 == done.returncode, done.stderr
    assert {"train.py", "step.txt", "log.txt", "notes.txt"} == {path.name for path in work.iterdir()}
    assert "6" == (work / "step.txt").read_text()
    assert "no optimizer step" in done.stderr
