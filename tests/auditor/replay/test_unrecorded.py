"""What no recorder saw is never called identical."""

import shutil
import sys

import pytest

from auditor.cli import run as auditor
from auditor.errors import FINDINGS, INCONCLUSIVE, USAGE
from auditor.replay.compare_traces import compare_files
from auditor.replay.result import UNRECORDED
from auditor.replay.session import ReplayOptions, Session

CLEAN = "import random; random.seed(0); print(random.random())"
DIFFERS = "import uuid; print(uuid.uuid4())"


def replayed(tmp_path, *command, **options):
    """The result of a replay of two runs."""
    return Session(ReplayOptions(command, tmp_path / "runs", runs=2, show=False, **options), str).run()


@pytest.mark.parametrize("switch", ["-I", "-S", "-E"])
def test_a_python_that_cannot_be_recorded_is_inconclusive(tmp_path, switch):
    """`-E` and `-I` leave PYTHONPATH out, `-S` the site: what they printed is all that was seen."""
    result = replayed(tmp_path, sys.executable, switch, "-c", CLEAN)

    assert ("inconclusive", [UNRECORDED]) == (result.verdict, result.problems)


def test_another_program_is_inconclusive(tmp_path):
    """A compiled program holds no Python."""
    result = replayed(tmp_path, shutil.which("echo"), "1")

    assert ("inconclusive", [UNRECORDED]) == (result.verdict, result.problems)


def test_a_shell_script_that_starts_python_is_recorded(tmp_path):
    """Some Python process of the command is enough."""
    result = replayed(tmp_path, "sh", "-c", f"{sys.executable} -c '{CLEAN}'")

    assert ("identical", []) == (result.verdict, result.problems)


def test_other_output_is_a_divergence_without_a_recording_too(tmp_path):
    """What was printed differs for sure; that nothing was recorded is said beside it."""
    result = replayed(tmp_path, sys.executable, "-I", "-c", DIFFERS, explain=False)

    assert ("diverged", ["stdout"], True) == (result.verdict, result.outputs_differ, UNRECORDED in result.problems)


def test_a_recording_of_nothing_says_so(tmp_path, capfd):
    """The trace is written, and the exit code is 3; two of them compare by what was printed, which proves nothing."""
    paths = [tmp_path / name for name in ("a.trace", "b.trace", "c.trace")]
    codes = [
        auditor(["replay", "--record", str(path), "--", sys.executable, "-I", "-c", code])
        for path, code in zip(paths, (CLEAN, CLEAN, DIFFERS), strict=True)
    ]
    told = capfd.readouterr().err

    assert [INCONCLUSIVE] * 3 == codes
    assert 3 == told.count("no Python process of the command was recorded")
    assert "cannot-tell" == compare_files(*paths[:2]).verdict
    assert ("differs", ["stdout"]) == (
        (found := compare_files(paths[0], paths[2])).verdict,
        found.outputs_differ,
    )


def test_a_full_folder_for_the_reproducer_is_refused_before_anything_runs(tmp_path, capsys):
    """A usage error: nothing of the user's is overwritten, and no replay is wasted."""
    (tmp_path / "mine").write_text("kept")
    code = f"open({str(tmp_path / 'ran')!r}, 'w')"
    assert USAGE == auditor(["replay", "--emit-repro", str(tmp_path), "--", sys.executable, "-c", code])

    assert ["mine"] == [path.name for path in tmp_path.iterdir()]
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x81", b"[1]"])
def test_a_file_of_another_kind_is_neither_a_trace_nor_a_manifest(tmp_path, capsys, content):
    """And the message says which commands make one."""
    junk = tmp_path / "j.trace"
    junk.write_bytes(content)
    code = auditor(["compare", str(junk), str(junk)])
    told = capsys.readouterr().err

    assert code not in {0, FINDINGS, INCONCLUSIVE}
    assert "neither a trace nor a manifest" in told
    assert "replay --record" in told
