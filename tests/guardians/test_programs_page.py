"""The page about replay on real programs: figures of both scores, what is not right, and what was not measured."""

import sys

from support import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import programs
import programs_page

CASES = [*programs.cases(["mnist_cnn", "flax_mlp"])]
TRUTH = {"mnist_cnn/clean": {"seconds": 12.1}}
SAID = {"verdict": "identical", "cause": "", "line": "", "runs": 3, "seconds": 40, "date": "2026-01-01", "right": True}
DIVERGED = {**SAID, "verdict": "diverged", "cause": "clock", "proven": True, "line": "train.py:9", "line_right": True}
ALARM = {**DIVERGED, "right": False, "false_proof": True}
SCORES = {
    "mnist_cnn/clean": {"first": ALARM, "last": {**SAID, "date": "2026-02-01"}},
    "mnist_cnn/seed-from-time": {"first": DIVERGED, "last": DIVERGED},
    "mnist_cnn/numpy-unseeded": {"first": SAID | {"right": False}, "last": ALARM},
}


def test_both_scores_are_told_with_false_proofs_and_alarms_apart():
    """A clean program that was said to differ is an alarm, a wrong cause that was proven a false proof."""
    text = programs_page.page(CASES, TRUTH, SCORES)

    assert "| first, 2026-01-01 | 3 | 1 | 1 | 1 | 1 of 1 | 40 |" in text
    assert "| last, 2026-01-01 to 2026-02-01 | 3 | 2 | 1 | 0 | 2 of 2 | 40 |" in text
    assert "- `mnist_cnn/numpy-unseeded`: diverged (unseeded-random) is true, and replay says diverged: clock" in text
    assert "- `mnist_cnn/clean`: " not in text
    assert "| 3 | 40 (12.1) |" in text


def test_cases_without_a_score_are_named():
    """Nothing is left out because it was not measured."""
    text = programs_page.page(CASES, TRUTH, SCORES)

    assert all(f"- `{case.title}`" in text for case in CASES if case.folder.name == "flax_mlp")
    assert f"## Not measured yet: {len(CASES) - 3}" in text


def test_without_any_score_the_page_says_so():
    """The first run of `make docs` after the programs were written."""
    assert f"## Not measured yet: {len(CASES)}" in programs_page.page(CASES, {}, {})
