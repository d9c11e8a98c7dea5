"""An audit of today's releases as they are installed: it exits 0, and says on its first line what they do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import AUDITED

AUDITOR = str(Path(sys.executable).with_name("auditor"))


pytestmark = [pytest.mark.frameworks, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def auditor(tmp_path):
    """The command in a folder and with a home of its own."""

    def run(*arguments):
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        command = [AUDITOR, *arguments]
        return subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=environment, text=True)

    return run


@pytest.mark.exhaustive  # the test of all three frameworks asserts the same in CI
def test_a_pristine_environment_exits_0_and_reads_like_no_clean_one(auditor):
    """What jaxlib 0.10.2 computes wrongly is on the first line, and no reason for exit 1 until asked for."""
    done = auditor("audit", "--python", AUDITED, "--framework", "jax", "-o", "out")
    lines = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert lines[0].startswith("2 defects of these releases give wrong numbers; whether your program reaches")
    assert any(line.startswith("critical  jax-operator-matrix: ") for line in lines)
    assert any(line.startswith("critical  jax-compiled-eager: vmap ") for line in lines)
    assert not re.search(r"\b(passed|fine|green)\b", done.stdout)
    assert len(lines) <= 40
    assert auditor("verify", "out").returncode == 0


@pytest.mark.exhaustive  # CI has it without a framework, in test_severities and test_exit_code
def test_whoever_asks_for_the_defect_gets_1(auditor):
    """Named by `--check`: it counts, whether a program reaches it or not."""
    assert auditor("check", "--python", AUDITED, "--check", "jax-compiled-eager", "-q").returncode == 1
