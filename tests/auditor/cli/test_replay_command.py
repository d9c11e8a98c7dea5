"""`auditor replay` as a command: what it prints, its exit codes, and what a real signal leaves behind."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest
import support
from support import ROOT

EXPERIMENTS = ROOT / "tests/auditor/replay/experiments"
AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
print("started", flush=True)
time.sleep(120)
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path_factory, monkeypatch):
    """A replay sets files of its working folder aside, and two in one folder are refused."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def replayed(*arguments, environment=None):
    """The finished command; its output as text."""
    command = [*AUDITOR, "replay", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_and_leaves_nothing_behind(tmp_path, number):
    """Exit 130; the program and its child are ended; the scratch folder is gone."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [
        *AUDITOR,
        "replay",
        "--",
        sys.executable,
        "-c",
        FAMILY,
    ]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert "started" in process.stdout.readline()
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)

    assert 130 == process.returncode, told
    assert "interrupted" in told
    assert 2 == len(family)
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert [] == list(tmp_path.iterdir())


def test_the_verdict_is_the_exit_code_and_the_text_is_grammatical():
    """0 identical, 1 diverged, 3 inconclusive; one run is a run."""
    clean = replayed("-q", "--runs", "2", "--", sys.executable, str(EXPERIMENTS / "clean_python.py"))
    diverged = replayed("-q", "--runs", "2", "--no-explain", "--", sys.executable, str(EXPERIMENTS / "hash_order.py"))
    crash = replayed("-q", "--runs", "2", "--", sys.executable, str(EXPERIMENTS / "crash.py"))

    assert [0, 1, 3] == [clean.returncode, diverged.returncode, crash.returncode]
    assert "INCONCLUSIVE: 1 run, 0 operations recorded" in crash.stderr
    assert "Different content in: stdout" in diverged.stderr


def test_factors_are_told_where_the_runs_as_they_are_diverge():
    """The hash seed alone makes them equal; the time zone does not."""
    told = replayed(
        "-q", "--runs", "2", "--no-explain", "--vary", "hash-seed,time-zone", "--json", "--",
        sys.executable, str(EXPERIMENTS / "hash_order.py"),
    )  # fmt: skip
    found = {one["factor"]: one["verdict"] for one in json.loads(told.stdout)["sensitivity"]}

    assert {"hash-seed": "identical", "time-zone": "diverged"} == found


@pytest.mark.slow
def test_the_table_names_what_makes_diverged_runs_equal():
    """In words, for a terminal."""
    told = replayed(
        "-q", "--runs", "2", "--no-explain", "--vary", "hash-seed,time-zone", "--",
        sys.executable, str(EXPERIMENTS / "hash_order.py"),
    ).stderr  # fmt: skip

    assert "Runs agree under: hash-seed=1." in told


def test_an_unknown_factor_is_a_usage_error():
    """And what there is, is told."""
    done = replayed("--vary", "moon-phase", "--", sys.executable, "-c", "")

    assert (2, True) == (done.returncode, "hash-seed" in done.stderr)


def test_two_recorded_traces_compare(tmp_path):
    """Recorded apart, on any machine; the message of one names the other command."""
    paths = [str(tmp_path / name) for name in ("a.trace", "b.trace")]
    told = [
        replayed("--record", path, "--", sys.executable, str(EXPERIMENTS / "clean_python.py")).stderr for path in paths
    ]
    command = [*AUDITOR, "compare", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "auditor compare" in told[0]
    assert (0, True) == (done.returncode, done.stdout.startswith("IDENTICAL"))


@pytest.mark.frameworks
def test_the_trace_of_a_program_with_torch_is_complete(tmp_path):
    """The facts that end it are read by operators of torch too, which are none of the program's."""
    program = tmp_path / "program.py"
    program.write_text("import torch\ntorch.manual_seed(0)\nprint(torch.randn(4).sum())\n")
    told = replayed("--record", str(tmp_path / "a.trace"), "--", support.AUDITED, str(program)).stderr

    assert "trace written to" in told
    assert "incomplete" not in told


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (["--json", "out.json"], "--json has no value, so 'out.json' would be taken for the program"),
        (["--runs", "2", "-q", "out.json"], "-q has no value, so 'out.json' would be taken for the program"),
        (["--jsn"], "there is no option --jsn"),
        (["--metric"], "Option '--metric' requires an argument"),
    ],
)
def test_a_word_before_the_dashes_is_not_taken_for_the_program(tmp_path, before, said):
    """Exit 2 and the reason; the command does not run."""
    done = replayed(*before, "--", sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')")

    assert (2, True) == (done.returncode, said in done.stderr), done.stderr
    assert [] == list(tmp_path.iterdir())


def test_a_command_may_hold_dashes_of_its_own():
    """Only the first `--` is ours: what stands after it reaches the program."""
    done = replayed("-q", "--runs", "2", "--", sys.executable, "-c", "import sys; print(sys.argv)", "--json", "x")

    assert 0 == done.returncode, done.stderr
    assert "['-c', '--json', 'x']" in done.stdout


def test_the_metric_is_read_from_baseline_runs_and_from_runs_with_seeds():
    """The last match of each run; a seed argument without a place for the seed is wrong use."""
    program = "import sys; print('loss=9'); print('loss=%d' % len(sys.argv[-1]))"
    words = ("-q", "--runs", "2", "--no-explain", "--metric", "loss=([0-9.]+)", "--seeds", "2", "--json")
    found = json.loads(replayed(*words, "--seed-arg", "--seed={}", "--", sys.executable, "-c", program).stdout)
    done = replayed(*words, "--seed-arg", "--seed", "--", sys.executable, "-c", program)

    assert {"pattern": "loss=([0-9.]+)", "repeats": [2.0, 2.0], "seeds": [8.0, 8.0]} == found["metric"]
    assert (2, True) == (done.returncode, "has no {}" in done.stderr)
