"""`replay --attach`: the verdict, the facts of the real run and the traces' digests in a signed manifest."""

import hashlib
import os
import subprocess
import sys

import pytest
from support import ROOT

from auditor.manifest.models import AuditorInfo, Predicate, Replay, Run
from auditor.manifest.subjects import statement
from auditor.render import markdown
from auditor.replay.compare_traces import compare_files
from auditor.signing import trust

EXPERIMENTS = ROOT / "tests/auditor/replay/experiments"
AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]


def auditor(home, *arguments, folder=None):
    """The finished command; a home of its own has its own key."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONPATH": str(ROOT),
    }
    command = [*AUDITOR, *map(str, arguments)]
    (home / "work").mkdir(exist_ok=True)
    return subprocess.run(
        command, env=environment, cwd=folder or home / "work", capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def attached(tmp_path_factory):
    """A clean program, replayed and attached."""
    home = tmp_path_factory.mktemp("home")
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "-q", home / "work"], check=True)
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "one"], cwd=home / "work", check=True)
    program = EXPERIMENTS / "clean_python.py"
    done = auditor(
        home,
        "replay",
        "-q",
        "--runs",
        2,
        "--vary",
        "hash-seed",
        "--attach",
        home / "out",
        "--",
        sys.executable,
        program,
    )
    assert 0 == done.returncode, done.stderr
    return home


def test_the_folder_verifies_and_compares(attached):
    """By the project's own commands, under this machine's key."""
    verified = auditor(attached, "verify", attached / "out")
    compared = auditor(attached, "compare", attached / "out", attached / "out")

    assert 0 == verified.returncode, verified.stdout
    assert compared.returncode in {0, 3}, compared.stderr  # 3: passive reading leaves some facts unknown
    assert "have the same bits on both sides" in compared.stdout
    assert "differs" not in compared.stdout
    assert "verified: signed by this machine's own key" in verified.stdout


def test_the_manifest_says_what_was_run_and_how_it_came_out(attached):
    """The verdict, the facts of the experiment's own process, its commit, its traces."""
    manifest = trust.open_manifest(attached / "out").manifest()
    replay = manifest.predicate.replays[0]
    named = {subject.name: subject.digest for subject in manifest.subject}

    assert ("identical", 2, [0, 0]) == (replay.verdict, replay.runs, replay.exit_codes)
    assert sys.version.split()[0] == manifest.predicate.facts["python.version"].value
    assert {"run-1.trace"} == set(replay.traces)
    assert named["trace:run-1.trace"].sha256 == replay.traces["run-1.trace"]
    assert named["git:HEAD"].git_commit


def test_the_manifest_says_what_was_varied_and_what_was_left_out(attached):
    """A paper that cites it must not say more."""
    replay = trust.open_manifest(attached / "out").manifest().predicate.replays[0]
    row = replay.sensitivity[0]

    assert ("hash-seed", "1", 1, "identical", True) == (row.factor, row.value, row.runs, row.verdict, row.innocent)
    assert replay.operations_equal
    assert replay.not_compared is not None
    assert "With hash-seed=1 alone" in (attached / "out" / "report.md").read_text()


def test_the_traces_lie_beside_it_and_have_these_digests(attached):
    """They are those of equal runs, and so one file; it compares with itself."""
    path = attached / "out.traces" / "run-1.trace"
    replay = trust.open_manifest(attached / "out").manifest().predicate.replays[0]

    assert hashlib.sha256(path.read_bytes()).hexdigest() == replay.traces["run-1.trace"]
    assert [path] == list(path.parent.iterdir())
    assert "identical" == compare_files(path, path).verdict


def test_the_report_has_a_section(attached):
    """For people who read no JSON."""
    report = (attached / "out" / "report.md").read_text()

    assert "## Replayed experiment" in report
    said = [line for line in report.splitlines() if line.startswith("**")]
    assert ["**IDENTICAL: no difference was found in 2 runs of the replayed experiment.**"] == said
    assert "checks" not in report.partition("## The audit")[0]
    assert "No check was run" not in report


def test_a_changed_verdict_does_not_verify(attached, tmp_path):
    """The signature is over it."""
    folder = tmp_path / "copy"
    subprocess.run(["cp", "-r", attached / "out", folder], check=True)
    report = folder / "manifest.json"
    report.write_text(report.read_text().replace('"verdict":"identical"', '"verdict":"diverged"'))

    assert 4 == auditor(attached, "verify", folder).returncode


def test_a_divergence_is_attached_with_its_traces(tmp_path):
    """Two traces that differ; exit 1 as without."""
    command = ["replay", "-q", "--runs", 2, "--no-explain", "--attach", "out", "--", sys.executable]
    done = auditor(tmp_path, *command, EXPERIMENTS / "entropy.py", folder=tmp_path)
    replay = trust.open_manifest(tmp_path / "out").manifest().predicate.replays[0]

    assert (1, "diverged", 2) == (done.returncode, replay.verdict, len(replay.traces))
    (told,) = replay.differences
    assert ("stdout", "computed") == (told.where, told.kind)
    assert float(told.first) != float(told.second)
    assert "has no commit of git" in done.stderr
    assert 0 == auditor(tmp_path, "verify", tmp_path / "out").returncode


def test_an_output_that_is_taken_fails_before_anything_is_run(tmp_path):
    """And nothing of the user's is touched."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    code = "open('ran', 'w')"
    done = auditor(tmp_path, "replay", "--attach", "out", "--", sys.executable, "-c", code, folder=tmp_path)

    assert 2 == done.returncode
    assert ["mine"] == [path.name for path in (tmp_path / "out").iterdir()]
    assert not (tmp_path / "ran").exists()


def test_one_run_cannot_be_attached(tmp_path):
    """It proves nothing."""
    done = auditor(
        tmp_path, "replay", "--record", "a", "--attach", "out", "--", sys.executable, "-c", "", folder=tmp_path
    )

    assert (2, False) == (done.returncode, (tmp_path / "out").exists())


def test_a_hostile_replay_is_inert_in_the_report():
    """Commands, lines and problems are anybody's; no table, link or HTML comes of them."""
    evil = "x | y <script> [a](http://b) `c`\n# head"
    replay = Replay(
        verdict="diverged",
        command=[evil],
        runs=2,
        operations=1,
        files={evil: "a" * 64},
        divergence={"op": evil, "source": {"file": evil, "line": 1, "code": evil}, "outputs": [evil], "cause": evil},
        remedy={"text": evil, "code": evil, "proven": False},
        problems=[evil],
    )
    run = Run(started_on="2026-01-01T00:00:00Z", finished_on="2026-01-01T00:00:00Z", tier="quick", python="python")
    info = AuditorInfo(version="0", payload_sha256="0" * 64)
    predicate = Predicate(auditor=info, run=run, facts={}, readings=[], findings=[], replays=[replay])
    report = markdown.render(statement(predicate), "0" * 64)
    section = report.partition("## Replayed experiment")[2].partition("## What is wrong")[0]

    assert "<script>" not in section
    assert "\n# head" not in section
    assert " [a](" not in section
