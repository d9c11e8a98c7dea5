"""A project gates its pull requests: a real repository, real audits and replays, four branches that must not pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest
from gating import GIT

AUDITOR = str(Path(sys.executable).with_name("auditor"))
TRAIN = """import random

random.seed(0)
print("loss", sum(random.random() for _ in range(10)))
"""
LOCK = 'lock-version = "1.0"\ncreated-by = "demo"\n\n[[packages]]\nname = "demo-ops"\nversion = "{}"\n'
POLICY = """[project]
name = "demo"

[tool.auditor]
python = ".venv"
keys = ["ci.pub"]
fail = {setup = "low"}
lock = "pylock.toml"
commit = true
clean = true
checks.only = ["environment-lock-mismatch", "environment-hash-seed-set"]
replays.require = 1
baseline = {manifest = "baseline.dsse.json", allow = {packages = []}}

[[tool.auditor.accepted]]
check = "environment-hash-seed-set"
versions = "python>=3"
reason = "the program iterates over no set"
owner = "ml@example.org"
expires = 2999-01-31
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # several audits and replays each


class Demo:
    """The repository, and what its CI job does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"HOME": str(folder.parent / "home"), "PATH": os.environ["PATH"], **GIT}
        self.number = 0

    def run(self, *words: str, allowed=(0,)) -> subprocess.CompletedProcess:
        """A command in the repository."""
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode in allowed, (words, done.returncode, done.stdout, done.stderr)
        return done

    def git(self, *words: str) -> str:
        """A git command."""
        return self.run("git", *words).stdout.strip()

    def write(self, name: str, text: str) -> None:
        """A file of the repository."""
        (self.folder / name).write_text(text)

    def install(self, version: str) -> None:
        """Demo-ops of this version in .venv, as an installer leaves it."""
        site = next((self.folder / ".venv" / "lib").glob("python*")) / "site-packages"
        for old in site.glob("demo_ops-*"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        info = site / f"demo_ops-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: demo-ops\nVersion: {version}\n")
        (info / "RECORD").write_text(
            f"demo_ops-{version}.dist-info/METADATA,,\ndemo_ops-{version}.dist-info/RECORD,,\n"
        )

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def measured(self) -> list[str]:
        """What CI measures for the commit: an audit and a replay, signed with CI's key."""
        self.number += 1
        audit, replay = f"out/audit-{self.number}", f"out/replay-{self.number}"
        self.run(AUDITOR, "audit", "-q", "--key", "../ci.pem", "--subject", "git:HEAD", "-o", audit, allowed=(0, 1))
        command = (".venv/bin/python", "train.py")
        options = ("--runs", "2", "--no-explain", "--attach", replay, "--key", "../ci.pem")
        self.run(AUDITOR, "replay", "-q", *options, "--", *command, allowed=(0, 1))
        return [audit, replay]

    def gate(self, *words: str) -> tuple[int, str, list[dict], dict]:
        """Exit code, text, results of SARIF, and JUnit's cases that are no pass."""
        formats = ("--format", "text", "-o", "-", "--format", "sarif", "-o", "out/a.sarif", "--format", "junit")
        done = self.run(AUDITOR, "gate", *words, *formats, "-o", "out/a.xml", allowed=(0, 1, 3, 4))
        results = json.loads((self.folder / "out/a.sarif").read_text())["runs"][0]["results"]
        suite = next(iter(junitparser.JUnitXml.fromfile(str(self.folder / "out/a.xml"))))
        return done.returncode, done.stdout, results, {case.name: case.result[0] for case in suite if case.result}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The base branch: lock, policy, baseline, and an environment as locked."""
    place = tmp_path_factory.mktemp("demo")
    (place / "home").mkdir()
    found = Demo(place / "repository")
    found.folder.mkdir()
    found.git("init", "-q", "-b", "main")
    found.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
    found.install("1.0")
    found.run(AUDITOR, "keygen", "-o", "../ci")
    found.write("ci.pub", (place / "ci.pub").read_text())
    found.write(".gitignore", ".venv\nout\n")
    found.write("train.py", TRAIN)
    found.write("pylock.toml", LOCK.format("1.0"))
    found.write("pyproject.toml", POLICY)
    found.commit("base")
    audit, _ = found.measured()
    found.run(AUDITOR, "gate", audit, "--update-baseline", "--sign-with", "../ci.pem")
    found.commit("baseline")
    return found


@pytest.fixture
def branch(demo):
    """A branch of main, and main again afterwards."""
    demo.git("checkout", "-q", "-B", "branch", "main")
    yield demo
    demo.git("checkout", "-q", "-f", "main")
    demo.install("1.0")


def test_the_base_passes(branch):
    """Exit 0, with the accepted finding shown in each format."""
    code, text, results, cases = branch.gate(*branch.measured(), "--policy-from", "main")

    assert code == 0, text
    assert "Accepted (1):" in " ".join(text.split())
    assert ["accepted"] == [one["suppressions"][0]["status"] for one in results]
    assert isinstance(cases["environment-hash-seed-set"], junitparser.Skipped)


def test_a_branch_that_removes_a_seed_fails_and_passes_once_cured(branch):
    """Exit 1 at the program; exit 0 with the seed."""
    branch.write("train.py", TRAIN.replace("random.seed(0)\n", ""))
    branch.commit("no seed")
    code, text, results, cases = branch.gate(*branch.measured(), "--policy-from", "main")

    assert code == 1
    assert "its runs diverged" in " ".join(text.split())
    assert "gate/replay" in [one["ruleId"] for one in results]
    assert [True] == [isinstance(one, junitparser.Failure) for name, one in cases.items() if "train.py" in name]

    branch.write("train.py", TRAIN)
    branch.commit("seeded again")
    assert branch.gate(*branch.measured(), "--policy-from", "main")[0] == 0


@pytest.mark.exhaustive  # CI has the branches of the seed and the policy
def test_a_branch_that_bumps_a_package_fails_and_passes_once_cured(branch):
    """The lock is bumped with it: the baseline tells. Exit 0 with the version of the baseline."""
    branch.install("1.1")
    branch.write("pylock.toml", LOCK.format("1.1"))
    branch.commit("bump")
    code, text, results, cases = branch.gate(*branch.measured(), "--policy-from", "main")

    assert code == 1
    assert "python.distributions/demo-ops" in " ".join(text.split())
    assert "it changed from 1.0 to 1.1" in " ".join(text.split())
    (told,) = [one for one in results if one["ruleId"] == "gate/package"]
    place = told["locations"][0]["physicalLocation"]
    assert ("pylock.toml", 5) == (place["artifactLocation"]["uri"], place["region"]["startLine"])
    assert isinstance(cases["python.distributions/demo-ops"], junitparser.Failure)

    branch.install("1.0")
    code, text, _, _ = branch.gate(*branch.measured(), "--policy-from", "main")
    assert code == 1
    assert "not as locked" in " ".join(text.split())  # the lock of the branch still says 1.1

    branch.write("pylock.toml", LOCK.format("1.0"))
    branch.commit("back")
    assert branch.gate(*branch.measured(), "--policy-from", "main")[0] == 0


def test_a_branch_that_loosens_the_policy_does_not_pass(branch):
    """A bump with a policy that allows it, then an audit of fewer checks: exit 1 and exit 3 by the base's policy."""
    branch.install("1.1")
    branch.write("pylock.toml", LOCK.format("1.1"))
    branch.write("pyproject.toml", POLICY.replace("packages = []", 'packages = ["*"]'))
    branch.commit("loose")
    measured = branch.measured()
    assert branch.gate(*measured)[0] == 0
    assert branch.gate(*measured, "--policy-from", "main")[0] == 1

    branch.git("checkout", "-q", "-B", "branch", "main")
    branch.install("1.0")
    branch.write("pyproject.toml", POLICY.replace(', "environment-hash-seed-set"]', "]"))
    branch.commit("fewer checks")
    code, text, results, cases = branch.gate(*branch.measured(), "--policy-from", "main")
    assert code == 3
    assert "the audit ran with options that the policy does not allow" in " ".join(text.split())
    assert "gate/options" in [one["ruleId"] for one in results]
    assert isinstance(cases["options"], junitparser.Error)

    branch.write("pyproject.toml", POLICY)
    branch.commit("strict again")
    assert branch.gate(*branch.measured(), "--policy-from", "main")[0] == 0


@pytest.mark.exhaustive  # as above; tests on recorded manifests have what an acceptance needs
def test_a_branch_that_accepts_a_finding_without_reason_fails_and_passes_once_cured(branch):
    """The entry lapses, and the finding is back; a reason cures it."""
    branch.write("pyproject.toml", POLICY.replace('reason = "the program iterates over no set"\n', ""))
    branch.commit("no reason")
    measured = branch.measured()
    code, text, results, cases = branch.gate(*measured)

    assert code == 1
    assert "reason: Field required" in " ".join(text.split())
    (told,) = [one for one in results if one["ruleId"] == "environment-hash-seed-set"]
    assert not told["suppressions"]
    assert isinstance(cases["environment-hash-seed-set"], junitparser.Failure)
    assert branch.gate(*measured, "--policy-from", "main")[0] == 0  # the base has a reason

    branch.write("pyproject.toml", POLICY)
    branch.commit("a reason")
    assert branch.gate(*branch.measured())[0] == 0
