"""An experiment is run as it is: its output, its exit code, its files, its end."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.replay.alignment import first_differences
from auditor.replay.runs.run import OUTLIVED, Setup, run
from auditor.replay.trace.archive import open_folder


@pytest.fixture
def go(tmp_path, monkeypatch):
    """Run a text as a Python script, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    count = iter(range(9))

    def once(text, **how):
        script = tmp_path / "script.py"
        script.write_text(text)
        return run([sys.executable, str(script)], Setup(tmp_path / f"run-{next(count)}", **{"show": False, **how}))

    return once


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit(7)", 7),
        ("raise ValueError('planted')", 1),
        ("import os; os._exit(5)", 5),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os; os.close(0); os.close(1); os.close(2)", 0),
    ],
)
def test_the_exit_code_is_the_commands(go, text, code):
    """Whatever way it ends."""
    seen = go(text)

    assert (code, False, ()) == (seen.exit_code, seen.timed_out, seen.problems)


def test_output_is_kept_and_digested(go):
    """Both streams, every byte."""
    seen = go("import os, sys; os.write(1, bytes(range(256))); print('error', file=sys.stderr)")

    assert bytes(range(256)) == seen.stdout.path.read_bytes()
    assert (hashlib.sha256(bytes(range(256))).hexdigest(), 256) == (seen.stdout.sha256, seen.stdout.size)
    assert b"error\n" == seen.stderr.path.read_bytes()


def test_output_is_passed_through_as_it_comes(go, capfdbinary):
    """More than a pipe holds, of both streams."""
    go("import sys; sys.stdout.write('x' * 300000); sys.stderr.write('y' * 300000)", show=True)
    out, err = capfdbinary.readouterr()

    assert (b"x" * 300000, b"y" * 300000) == (out, err)


def test_standard_input_is_ours(tmp_path):
    """It reads what was given to us."""
    code = (
        "import sys; from pathlib import Path; from auditor.replay.runs.run import Setup, run\n"
        "run([sys.executable, '-c', 'import sys; print(sys.stdin.read().upper())'], "
        f"Setup(Path({str(tmp_path)!r}, 'r')))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"typed", capture_output=True, check=True)

    assert b"TYPED\n" == done.stdout


def test_files_are_digested_after_the_run(go, tmp_path):
    """Those that it wrote, and those that lay there before."""
    (tmp_path / "old.txt").write_text("old")
    seen = go("import os; os.mkdir('sub'); open('sub/new.txt', 'w').write('new')", files=("*.txt", "**/*.txt"))

    assert [("old.txt", False, 3), ("sub/new.txt", True, 3)] == [
        (one.path, one.written, one.size) for one in seen.files
    ]
    assert hashlib.sha256(b"new").hexdigest() == seen.files[1].sha256


def test_factors_are_in_its_environment(go):
    """As everywhere else, by `factors.py`."""
    seen = go("import os; print(os.environ['PYTHONHASHSEED'])", settings={"hash-seed": "1"})

    assert b"1\n" == seen.stdout.path.read_bytes()


def test_two_runs_of_one_program_are_identical(go):
    """Their traces too: nothing of ours differs between two runs."""
    text = "import random; random.seed(0); print(random.random())"
    first, second = (go(text, settings={"hash-seed": "0"}) for _ in range(2))
    alignment = first_differences.compare(open_folder(first.folder), open_folder(second.folder))

    assert alignment.identical
    assert first.stdout.sha256 == second.stdout.sha256


def test_an_unseeded_draw_differs(go):
    """The other side of the test before."""
    first, second = (go("import random; print(random.random())") for _ in range(2))
    (found,) = first_differences.compare(open_folder(first.folder), open_folder(second.folder)).differences

    assert ("content", "random.random", 1) == (found.kind, found.first.name, found.first.source.line)


def test_one_that_never_ends_is_ended_with_everything_it_started(go, tmp_path):
    """And what it recorded until then is there."""
    text = (
        "import random, subprocess, sys, time\n"
        "random.seed(0)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    seen = go(text, timeout_seconds=6)
    pid = int((tmp_path / "pid").read_text())
    with open_folder(seen.folder) as recorded:
        seeds = [stream for stream in recorded.streams.values() if stream.structure.seeds]

    assert seen.timed_out
    assert 0 != seen.exit_code
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]
    assert 1 == len(seeds)


def test_a_process_that_outlives_the_command_is_named(go, monkeypatch):
    """Its trace may be cut anywhere."""
    monkeypatch.setattr("auditor.real_run.command.STRAGGLER_SECONDS", 0.3)
    text = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(4)'])"
    seen = go(text)

    assert (OUTLIVED,) == seen.problems


def test_what_could_not_be_recorded_is_a_problem(go, monkeypatch):
    """Never identical by silence."""
    monkeypatch.setattr("auditor.replay.runs.run.RECORDER", "replay/missing.py")
    seen = go("print('mine')")

    assert b"mine\n" == seen.stdout.path.read_bytes()
    assert "could not be recorded" in seen.problems[0]


def test_signals_reach_the_command(go, tmp_path):
    """SIGTERM to us is SIGTERM to it, and is remembered."""

    def tell():
        while not (tmp_path / "ready").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=tell)
    teller.start()
    seen = go(
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "open('ready', 'w').close()\ntime.sleep(30)"
    )
    teller.join()

    assert (9, True) == (seen.exit_code, seen.interrupted)


def test_a_command_that_does_not_exist_is_a_usage_error(tmp_path):
    """Nothing ran."""
    with pytest.raises(UsageError, match="/does/not/exist"):
        run(["/does/not/exist"], Setup(tmp_path / "run"))
