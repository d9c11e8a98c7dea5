"""`make new-check name=...` begins a check that the door can list, and that is no check before it is filled in."""

import importlib.util
import shutil

import pytest
from support import ROOT, measure

from auditor.catalogue import catalogue
from auditor.interpreter import conversation
from auditor.interpreter.replies import Failed


@pytest.fixture
def scaffold(tmp_path, monkeypatch):
    """The tool, working on a copy of the three folders that it writes to."""
    spec = importlib.util.spec_from_file_location("new_check", ROOT / "tools" / "new_check.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    shutil.copytree(ROOT / "checks", tmp_path / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "golden").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "golden" / "ids.txt", tmp_path / "tests" / "golden")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    return tool


def test_a_new_check_is_listed_and_says_that_it_measures_nothing(scaffold, tmp_path, monkeypatch):
    """The scaffold runs through the real door; what it answers is an error, never a pass."""
    assert scaffold.main(["python-sorted-words"]) == 0
    monkeypatch.setattr(conversation, "folder", lambda name: tmp_path / name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert "python-sorted-words" in {check.id for check in catalogue.load().checks}
    assert "python-sorted-words" in (tmp_path / "tests" / "golden" / "ids.txt").read_text().split()
    answer = measure("python-sorted-words")
    assert isinstance(answer, Failed)
    assert "nothing is measured yet" in answer.message
    compile((tmp_path / "tests" / "checks" / "python" / "test_sorted_words.py").read_text(), "test", "exec")


def test_no_scaffold_is_left_unfilled():
    """A check or a format whose text is still the scaffold's is none."""
    scaffolds = ("new_check.py", "new_format.py", "test_new_check.py")
    files = [path for folder in ("auditor", "checks", "tests") for path in (ROOT / folder).rglob("*.py")]

    assert [] == [path for path in files if path.name not in scaffolds and "TODO-" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", ["", "sorted", "pandas-x", "torch-Sorted", "python-../x", "python-hash-seed"])
def test_a_name_that_cannot_be_one_writes_nothing(scaffold, tmp_path, name, capsys):
    """Unknown folder, wrong spelling, or a check that is there: exit 2 and a sentence."""
    before = sorted((tmp_path / "checks").rglob("*.py"))

    assert scaffold.main([name] if name else []) == 2
    assert capsys.readouterr().out
    assert sorted((tmp_path / "checks").rglob("*.py")) == before
