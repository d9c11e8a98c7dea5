"""The command itself, with real processes: files of earlier runs, signals, and SIGKILL at random moments."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time

import pytest
from made_folders import content, filled, without_times
from support import ROOT

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()", "replay"]
PROGRAM = """
import os, pathlib, sys, time
resumed = pathlib.Path("ck.pt").exists()
print("resumed" if resumed else "fresh", sorted(os.listdir()), open("log.csv").read(), flush=True)
for number in range(3):
    pathlib.Path("ck.pt").write_text(str(number))
    with open("log.csv", "a") as log:
        log.write("step\\n")
    os.makedirs(f"out/{number}", exist_ok=True)
    pathlib.Path(f"out/{number}/metrics").write_text("0.5")
    time.sleep({pause})
os.rename("old/a.txt", "old/c.txt")
"""
"""Resumes from what an earlier run left, lists its folder, and appends to a file."""


def command(pause=0.0):
    """A replay of the program."""
    return [*AUDITOR, "--json", "-q", "--", sys.executable, "-c", PROGRAM.replace("{pause}", str(pause))]


def environment(state):
    """With our own code, whatever the folder is."""
    return {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT)}


def replayed(work, state, *, arguments=()):
    """The finished replay."""
    whole = [*command()[:4], *arguments, *command()[4:]]
    return subprocess.run(whole, cwd=work, env=environment(state), capture_output=True, text=True, check=False)


def restored(work, state):
    """Restore, once the processes of the run have ended; what was told."""
    end = time.monotonic() + 60
    while True:
        done = subprocess.run(
            [*AUDITOR, "--restore"], cwd=work, env=environment(state), capture_output=True, text=True, check=False
        )
        if done.returncode != 2 or time.monotonic() > end:
            return done
        time.sleep(0.05)


def after_plain_run(tmp_path):
    """What the program leaves, run alone."""
    plain = filled(tmp_path / "plain")
    subprocess.run([sys.executable, "-c", PROGRAM.replace("{pause}", "0")], cwd=plain, capture_output=True, check=True)
    return without_times(content(plain))


def test_a_program_that_resumes_from_its_checkpoint_is_identical(work, state, tmp_path):
    """It finds none in any run; the result lies there afterwards, once."""
    done = replayed(work, state)
    result = json.loads(done.stdout)

    assert ("identical", 0) == (result["verdict"], done.returncode), done.stderr
    assert ([0, 0, 0], [], []) == (result["exit_codes"], result["files_left"], result["not_restored"])
    assert after_plain_run(tmp_path) == without_times(content(work))


def test_where_the_files_cannot_be_put_back_no_verdict_stands_on_it(work, state):
    """Nothing is copied, so that runs find a longer file: the difference is nobody's fault."""
    result = json.loads(replayed(work, state, arguments=["--protect", "0"]).stdout)

    assert "inconclusive" == result["verdict"]
    assert str(work / "log.csv") in result["not_restored"]
    assert str(work / "notes.txt") in result["unprotected"]
    assert any("did not start from the same files" in problem for problem in result["problems"])


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_later_run_leaves_the_files_of_the_first(work, state, tmp_path, number):
    """Exit 130; the store is gone."""
    replay = subprocess.Popen(
        command(pause=0.5),
        cwd=work,
        env=environment(state),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _wait_for_run(state, 2)
    replay.send_signal(number)
    replay.communicate(timeout=120)

    assert 130 == replay.returncode
    assert after_plain_run(tmp_path) == without_times(content(work))
    assert [] == [path for path in state.rglob("*") if path.is_file()]


def _wait_for_run(state, run):
    """Until the journal says that this run has begun."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for journal in state.rglob("journal.jsonl"):
            if f'"step": "start", "run": {run},' in journal.read_text():
                return
        time.sleep(0.02)
    raise AssertionError("the run did not begin")


def killed_at_random(state, tmp_path, times):
    """Kill a replay at random moments, restore, and compare; how often the first run had ended, of `times`."""
    chance = random.Random(13)
    before, after = None, after_plain_run(tmp_path)
    began = time.monotonic()
    subprocess.run(command(), cwd=filled(tmp_path / "timed"), env=environment(state), capture_output=True, check=False)
    whole = time.monotonic() - began
    ended = 0
    for number in range(times):
        folder = filled(tmp_path / f"work-{number}")
        before = before or without_times(content(folder))
        replay = subprocess.Popen(
            command(),
            cwd=folder,
            env=environment(state),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(0, whole))
        replay.kill()
        replay.wait()
        told = restored(folder, state)
        seen = without_times(content(folder))
        assert 0 == told.returncode, told.stderr
        assert seen in (before, after), (number, told.stderr)
        ended += seen == after
    return ended


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_can_be_restored(state, tmp_path):
    """As before or as after one plain run, each time; both came."""
    assert 0 < killed_at_random(state, tmp_path, 20) <= 20


@pytest.mark.exhaustive
def test_killed_at_two_hundred_random_moments_it_can_be_restored(state, tmp_path):
    """The same, before a release."""
    assert 0 < killed_at_random(state, tmp_path, 200) <= 200


EDITOR = """
import pathlib, time
while True:
    pathlib.Path("notes.txt").write_text("edited %f" % time.time())
    pathlib.Path("todo.md").write_text("new")
    time.sleep(0.05)
"""


@pytest.mark.slow
def test_an_editor_that_saves_all_the_time_loses_nothing(work, state):
    """During runs and between them; the last version is there and the file is named."""
    editor = subprocess.Popen([sys.executable, "-c", EDITOR], cwd=work)
    try:
        while not (work / "todo.md").exists():
            time.sleep(0.02)
        done = replayed(work, state)
    finally:
        editor.kill()
        editor.wait()
    seen = (work / "notes.txt").read_text()
    result = json.loads(done.stdout)

    assert seen.startswith("edited")
    assert (work / "todo.md").exists()
    assert str(work / "notes.txt") in {one["path"] for one in result["files_left"]}


@pytest.mark.parametrize("through", ["", " | tee told.txt"])
def test_what_a_shell_writes_of_our_own_output_is_no_file_of_the_program(tmp_path, through):
    """It stands in the same folder, and grows while runs are made."""
    work = filled(tmp_path / "work")
    program = "open('a.txt', 'w').write('0.5'); print('loss 0.5')"
    line = shlex.join([*AUDITOR, "-q", "--", sys.executable, "-c", program]) + (through or " > told.txt 2>&1")
    done = subprocess.run(
        ["bash", "-c", line], cwd=work, env=environment(tmp_path / "state"), check=False, capture_output=True
    )

    told = (work / "told.txt").read_text(encoding="utf-8") + done.stderr.decode()
    assert "IDENTICAL" in told, told
    assert "1 file that it wrote was compared" in told
