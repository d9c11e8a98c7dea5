"""The programs as people write them: each case can be made, is measured, and names its guilty line."""

import ast
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
import programs

CASES = [*programs.cases(())]
TITLES = [case.title for case in CASES]


def test_there_are_at_least_twenty_programs_each_clean_and_with_a_fault():
    by_program = {}
    for case in CASES:
        by_program.setdefault(case.folder.name, set()).add(case.truth)

    assert len(by_program) >= 20
    assert {frozenset({"identical", "diverged"})} == {frozenset(truths) for truths in by_program.values()}


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_its_replacements_apply_and_a_fault_alone_has_a_guilty_line(tmp_path, case):
    case.placed(tmp_path / "program", digest=True)

    for path in (tmp_path / "program").rglob("*.py"):
        ast.parse(path.read_text())
    assert (case.truth == "diverged") == bool(case.guilty())
    assert (case.truth == "diverged") == bool(case.causes)


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_five_plain_runs_have_shown_its_truth(case):
    """`tools/programs.py truth` measures: one result of all parameters, or several."""
    found = json.loads(programs.TRUTH.read_text())[case.title]

    assert (programs.PLAIN_RUNS, [0]) == (found["printed"], found["exit_codes"])
    assert (case.truth == "identical") == (found["results"] == 1)
