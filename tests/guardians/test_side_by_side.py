"""Tests that share something costly run in one worker, and the others anywhere."""

import subprocess
import sys

import pytest
from side_by_side import group
from support import ROOT


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/checks/jax/test_a.py::test_one", "tests/checks/jax/test_b.py::test_two[x]", True),
        ("tests/checks/jax/test_a.py::test_one", "tests/checks/torch/test_a.py::test_one", False),
        ("tests/auditor/container/engine/test_a.py::test_a", "tests/auditor/container/specs/test_b.py::test_b", True),
        ("tests/auditor/rules/test_a.py::test_one", "tests/auditor/rules/test_a.py::test_two", False),
    ],
)
def test_tests_are_grouped_by_what_they_share(one, other, together):
    """By folder, or each by itself."""
    assert together == (group(one) == group(other))


LONE = """
import os, time, pytest
@pytest.mark.parametrize('n', range(8))
def test(n):
    with open({pids!r}, 'a') as noted:
        noted.write(f'{{os.getpid()}}\\n')
    end = time.monotonic() + 60
    while len({{*open({pids!r}).read().split()}}) < {workers} and time.monotonic() < end:
        time.sleep(0.05)
"""
"""Tests that note their process, and end only when as many processes as asked for have noted theirs."""


def test_a_group_runs_in_one_worker(tmp_path):
    """With real workers: each notes its process; those of one group note the same, the others both."""
    for folder, workers in (("tests/checks/jax", 1), ("tests/auditor/rules", 2)):
        (tmp_path / folder).mkdir(parents=True)
        body = LONE.format(pids=str(tmp_path / folder / "pids"), workers=workers)
        (tmp_path / folder / "test_it.py").write_text(body)
    hook = "import sys\nsys.path.insert(0, {!r})\nfrom side_by_side import Grouped\n"
    hook += "def pytest_xdist_make_scheduler(config, log):\n    return Grouped(config, log)\n"
    (tmp_path / "conftest.py").write_text(hook.format(str(ROOT / "tests")))
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", "--import-mode=importlib", "-n2", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    shared, single = (
        {*(tmp_path / folder / "pids").read_text().split()} for folder in ("tests/checks/jax", "tests/auditor/rules")
    )

    assert 0 == done.returncode, done.stdout
    assert (1, 2) == (len(shared), len(single))
