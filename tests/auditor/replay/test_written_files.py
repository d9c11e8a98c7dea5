"""Real runs that write files: what they hold is compared, and what cannot be read makes nothing identical."""

import sys
import textwrap

import pytest

from auditor.render import replay as shown
from auditor.replay.session import ReplayOptions, Session

WRITES = """
    import os, pathlib, pickle
    pathlib.Path("old.pt").write_bytes(pickle.dumps(1.0) + b"more, of run %d" % {number})
    print("done")
"""


def replayed(folder, code, monkeypatch, **options):
    """The result of two runs of this code, in a folder of its own."""
    work = folder / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    command = [sys.executable, "-c", textwrap.dedent(code)]
    given = ReplayOptions(command, folder / "runs", runs=2, explain=False, show=False, **options)
    return Session(given, str).run()


@pytest.mark.parametrize(
    ("number", "options", "verdict"),
    [
        ("os.getpid()", {}, "inconclusive"),
        ("os.getpid()", {"ignore": ("*.pt",)}, "identical"),
        ("os.getpid()", {"files": ("*.pt",)}, "diverged"),
        ("7", {}, "identical"),
    ],
)
def test_a_file_that_differs_and_cannot_be_read_is_never_identical(tmp_path, monkeypatch, number, options, verdict):
    """It may hold a result; the user leaves it out, or lets its bytes count."""
    result = replayed(tmp_path, WRITES.format(number=number), monkeypatch, **options)

    assert verdict == result.verdict
    assert (verdict == "inconclusive") == any("old.pt: its bytes differ" in one for one in result.problems)
    assert (verdict == "inconclusive") == ("old.pt" in [one.what for one in result.not_compared])


def test_an_identical_program_that_writes_is_told_what_was_not_tried(tmp_path, monkeypatch):
    """Its next run finds these files."""
    result = replayed(tmp_path, WRITES.format(number="7"), monkeypatch)
    (tmp_path / "again").mkdir()
    silent = replayed(tmp_path / "again", "print(1)", monkeypatch)

    assert shown.SAME_START in shown.text(result)
    assert shown.SAME_START not in shown.text(silent)
