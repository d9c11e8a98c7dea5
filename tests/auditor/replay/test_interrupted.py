"""A replay that is interrupted, or whose budget ends, tells what is known by then: text, JSON and folder."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import psutil
import pytest

from auditor.cli import run as command_line
from auditor.cli.interruption import SAME_SECONDS, Interruption
from auditor.replay.session import ReplayOptions, Session

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
HANGING = """
import os, random, time
print({printed}, flush=True)
with open(os.environ["COUNTED_RUNS"], "ab", buffering=0) as runs:
    runs.write(b"x")
    number = runs.tell()
if number == int(os.environ["HANGS_IN"]):
    time.sleep(120)
"""
DIVERGING, CLEAN = HANGING.format(printed="random.random()"), HANGING.format(printed="1")
DRAWS = [sys.executable, "-c", "import random; print(random.random())"]
RUN_1, RUN_2, RUN_3, IN_SEARCH, IN_TESTS = 1, 2, 3, 4, 10


def environment(tmp_path, hangs):
    """The environment of a replay of a program that hangs in this run; it counts its runs outside of its folder."""
    for name in ("tmp", "work"):
        (tmp_path / name).mkdir()
    ours = {"TMPDIR": str(tmp_path / "tmp"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    return {**os.environ, **ours, "COUNTED_RUNS": str(tmp_path / "runs"), "HANGS_IN": str(hangs)}


def runs_of(tmp_path):
    """How many runs of the program began."""
    path = tmp_path / "runs"
    return path.stat().st_size if path.exists() else 0


def wait_for(tmp_path, hangs, process):
    """Wait until the program hangs."""
    while runs_of(tmp_path) < hangs:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def interrupted(tmp_path, program, hangs, number, *options):
    """The finished replay that got a signal while the program hung in a run: exit code, stdout, stderr."""
    process = subprocess.Popen(
        [*AUDITOR, "replay", *options, "--", sys.executable, "-c", program],
        env=environment(tmp_path, hangs),
        cwd=tmp_path / "work",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(tmp_path, hangs, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    out, told = process.communicate(timeout=120)

    assert "Traceback" not in told
    assert [] == [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert [] == list((tmp_path / "tmp").iterdir())
    return process.returncode, out, told


@pytest.mark.parametrize(
    ("program", "hangs", "number", "known"),
    [
        (DIVERGING, RUN_1, signal.SIGTERM, ("inconclusive", 0)),
        pytest.param(DIVERGING, RUN_2, signal.SIGINT, ("inconclusive", 1), marks=pytest.mark.slow),
        (DIVERGING, RUN_3, signal.SIGINT, ("diverged", 2)),
        pytest.param(CLEAN, RUN_3, signal.SIGTERM, ("identical", 2), marks=pytest.mark.slow),
        pytest.param(DIVERGING, IN_SEARCH, signal.SIGTERM, ("diverged", 3), marks=pytest.mark.slow),
        pytest.param(DIVERGING, IN_TESTS, signal.SIGINT, ("diverged", 3), marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_replay_writes_what_it_knows_and_exits_130(tmp_path, program, hangs, number, known):
    """Whatever the verdict: nothing known, what two runs show, or the tests so far."""
    code, out, _ = interrupted(tmp_path, program, hangs, number, "--json")
    result = json.loads(out)

    assert (130, True, "interrupted") == (code, result["partial"], result["partial_why"])
    assert known == (result["verdict"], result["runs"])
    if hangs == RUN_1:
        assert ["interrupted before the first run had ended: nothing can be compared"] == result["problems"]
    if hangs == RUN_2:
        assert ["interrupted after one run: nothing can be compared with it"] == result["problems"]
    if hangs == RUN_3:
        assert "interrupted after 2 of 3 runs: only these were compared" == result["problems"][0]
        assert (0.95 if program == CLEAN else None) == pytest.approx(result["confidence"]["rate_bound_95"])
    if hangs == IN_SEARCH:
        assert ("random.random", "unknown") == (result["divergence"]["op"], result["divergence"]["cause"])
    if hangs == IN_TESTS:
        (entropy,) = result["divergence"]["ruled_out"]
        assert ("entropy", False) == (entropy["factor"], entropy["diverged"])
        assert entropy["note"].startswith("consistent with it so far, not proven: 0 of")


def test_a_person_reads_that_it_was_interrupted(tmp_path):
    """The verdict first, and what it rests on."""
    code, _, told = interrupted(tmp_path, DIVERGING, RUN_3, signal.SIGTERM)
    result = told[told.index("DIVERGED: ") :]

    assert 130 == code
    assert "This replay was interrupted: what follows is what was known by then." == result.splitlines()[1]
    assert "nothing was written" not in told


@pytest.mark.slow
def test_an_interrupted_replay_is_attached_without_facts(tmp_path):
    """The program is not run again for them."""
    code, _, told = interrupted(tmp_path, DIVERGING, RUN_3, signal.SIGTERM, "--attach", "out")
    manifest = json.loads((tmp_path / "work" / "out" / "manifest.json").read_text())
    (replay,) = manifest["predicate"]["replays"]

    assert (130, "diverged", "interrupted") == (code, replay["verdict"], replay["partial"])
    assert {} == manifest["predicate"]["facts"]
    assert "the manifest holds no facts: the replay was interrupted" in told
    assert 3 == runs_of(tmp_path)


@pytest.mark.slow
def test_a_shell_does_not_launch_after_an_interruption(tmp_path):
    """`auditor replay ... && echo launch`, also where the runs agreed so far; without an interruption it does."""
    replay = shlex.join([*AUDITOR, "replay", "-q", "--", sys.executable, "-c", CLEAN])
    made = {"env": environment(tmp_path, RUN_3), "cwd": tmp_path / "work", "text": True}
    shell = subprocess.Popen(["sh", "-c", f"{replay} && echo launch"], stdout=subprocess.PIPE, **made)
    wait_for(tmp_path, RUN_3, shell)
    (ours,) = psutil.Process(shell.pid).children()
    ours.send_signal(signal.SIGTERM)
    out, _ = shell.communicate(timeout=120)
    again = subprocess.run(["sh", "-c", f"{replay} && echo launch"], capture_output=True, check=False, **made)

    assert (130, False) == (shell.returncode, "launch" in out)
    assert (0, True) == (again.returncode, "launch" in again.stdout)


# ------------------------------------------------------------------------------------------------------- between runs


def stopped_at(folder, line, options=(), *, times=1):
    """The exit code of a replay in this process that gets SIGTERM while no run is made: when it tells this line."""
    left = [times]

    def told(text):
        while line in text and left[0]:
            left[0] -= 1
            os.kill(os.getpid(), signal.SIGTERM)

    patched = pytest.MonkeyPatch()
    patched.setattr("auditor.cli.replay._announce", told)
    patched.chdir(folder)  # files of the working folder are set aside, and two replays in one folder are refused
    try:
        return command_line(["replay", *options, "--", *DRAWS])
    finally:
        patched.undo()


@pytest.mark.parametrize(("line", "runs"), [("run 1 of 3", 0), ("run 3 of 3", 2), ("looking for the cause", 3)])
def test_a_signal_between_runs_is_told_as_one_during_a_run(tmp_path, capfd, line, runs):
    """Before the first run, between base runs, and when the verdict is known; twice at once is once."""
    code = stopped_at(tmp_path, line, ["--json"], times=2)
    result = json.loads(capfd.readouterr().out)

    assert (130, "interrupted", runs) == (code, result["partial_why"], result["runs"])
    assert (runs > 1) == ("diverged" == result["verdict"])


def test_without_a_signal_the_verdict_is_the_exit_code(tmp_path, capfd):
    """The same command."""
    code = stopped_at(tmp_path, "no such line", ["--json", "--runs", "2", "--no-explain"])
    result = json.loads(capfd.readouterr().out)

    assert (1, False, None) == (code, result["partial"], result["partial_why"])


def test_what_arrives_at_once_is_one_signal_and_what_comes_later_a_second():
    """`timeout` signals the process and its group."""
    stop = Interruption()
    with stop.heard():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(SAME_SECONDS)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        stop.hold()
        os.kill(os.getpid(), signal.SIGHUP)

    assert stop.arrived


def test_what_is_printed_last_is_not_cut_off_by_a_signal():
    """It is known afterwards."""
    stop = Interruption()
    with stop.heard():
        stop.hold()
        os.kill(os.getpid(), signal.SIGTERM)

    assert stop.arrived


# ------------------------------------------------------------------------------------------------------------- budget


def budgeted(tmp_path, **options):
    """The result of a replay of a program that draws, with a budget that does not suffice."""
    lines = []
    options = ReplayOptions(DRAWS, tmp_path / "scratch", show=False, **options)
    return Session(options, lines.append).run(), lines


def test_the_end_of_the_time_tells_what_is_known(tmp_path):
    """Before any further run: the place, and that the budget ended."""
    result, lines = budgeted(tmp_path, budget_seconds=1e-6, runs=2)

    assert ("diverged", True, "budget") == (result.verdict, result.partial, result.partial_why)
    assert ("random.random", 0) == (result.divergence.op, result.further_runs)
    assert not [line for line in lines if line.startswith("run 3")]


@pytest.mark.slow
def test_the_end_of_the_runs_tells_the_tests_so_far(tmp_path):
    """It exits by its verdict."""
    result, lines = budgeted(tmp_path, budget_runs=8)
    (told,) = result.divergence.ruled_out

    assert ("diverged", "budget", 8) == (result.verdict, result.partial_why, result.further_runs)
    assert ("entropy", False, "unknown") == (told.factor, told.diverged, result.divergence.cause)
    assert any("run 11 of at most 11: " in line for line in lines)
    command = [*AUDITOR, "replay", "-q", "--budget", "5", "--", *DRAWS]
    assert 1 == subprocess.run(command, capture_output=True, check=False, cwd=tmp_path).returncode


@pytest.mark.exhaustive
def test_a_budget_that_suffices_is_not_told_as_ended(tmp_path):
    """The proof in JSON: each run's arm and outcome in order, the stake, and its share of the level."""
    result, _ = budgeted(tmp_path)
    proof = result.divergence.proof

    assert (False, None) == (result.partial, result.partial_why)
    assert proof.stake >= 1 / proof.level > 100
    assert [{"entropy": "fixed"}, {"entropy": "fixed:1"}] == proof.tried_values
    assert proof.clean == sum(bool(one.settings) for one in proof.runs)
    assert (proof.without, proof.shown) == (
        sum(not one.settings for one in proof.runs),
        sum(one.differs for one in proof.runs),
    )
    assert not any(one.differs for one in proof.runs if one.settings)
    assert [False, False] == [one.drawn for one in proof.runs[:2]]
