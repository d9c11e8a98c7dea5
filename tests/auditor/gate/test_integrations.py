"""The GitHub Action, the GitLab job and the pre-commit hook, run as far as can be without their servers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gating import GIT
from integration import git, run_action, wheel
from support import ROOT

AUDITOR = str(Path(sys.executable).with_name("auditor"))
POLICY = """[tool.auditor]
keys = ["ci.pub"]
commit = true
fail = {fail}
signature = "same-job"
checks.only = ["environment-conflicting-packages", "environment-hash-seed-set"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel of this checkout."""
    return wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with a policy, an environment and CI's key."""
    place = tmp_path_factory.mktemp("ci")
    folder = place / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    subprocess.run([AUDITOR, "keygen", "-o", place / "ci"], check=True, capture_output=True)
    shutil.copy(place / "ci.pub", folder / "ci.pub")
    (folder / ".gitignore").write_text(".venv\nauditor-results*\n.auditor\n.cache\n")
    (folder / "pyproject.toml").write_text(POLICY.format(fail='"high"'))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(1800)  # installs a wheel with its dependencies
def test_the_action_audits_gates_and_leaves_its_results(repository, built, tmp_path):
    """Signed with the key of the secret; a stricter policy turns it red; the key is removed."""
    key = (repository.parent / "ci.pem").read_text()
    inputs = {"auditor": str(built), "key": key, "policy-from": "main", "output": "auditor-results-1"}

    code, told, outputs = run_action(repository, inputs, tmp_path / "runner")

    assert (code, outputs) == (0, {"exit-code": "0"}), told
    results = repository / "auditor-results-1"
    assert "signed by a trusted key" in json.loads((results / "gate.json").read_text())["manifests"][0]["told"]
    assert json.loads((results / "gate.sarif").read_text())["version"] == "2.1.0"
    assert (results / "gate.xml").exists()
    assert "## auditor gate: passed" in (tmp_path / "runner" / "summary.md").read_text()
    assert [] == [*(tmp_path / "runner").glob("*.pem")]

    (repository / "pyproject.toml").write_text(POLICY.format(fail='"low"'))
    git(repository, "commit", "-q", "-am", "strict")
    inputs |= {"output": "auditor-results-2"}
    code, told, outputs = run_action(repository, inputs, tmp_path / "runner")
    assert (code, outputs) == (1, {"exit-code": "1"}), told
    assert "::notice file=pyproject.toml," in told
    git(repository, "reset", "-q", "--hard", "HEAD^")

    fork = {"auditor": str(built), "policy-from": "main", "output": "auditor-results-3"}
    code, told, outputs = run_action(repository, fork, tmp_path / "runner")
    assert code == 0, told
    assert "nobody vouches" in (repository / "auditor-results-3" / "gate.json").read_text()


def test_the_action_names_what_it_uses_and_uploads_hidden_files():
    """Each step has one of `uses` and `run`, a shell, and no expression inside a script."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert [True] * len(steps) == [("uses" in step) != ("run" in step) for step in steps]
    assert {"bash"} == {step["shell"] for step in steps if "run" in step}
    assert not [step for step in steps if "${{" in step.get("run", "")]
    upload = steps[-1]
    assert (upload["if"], upload["with"]["include-hidden-files"]) == ("always()", True)


@pytest.mark.exhaustive  # its commands are those of the action, which CI runs
@pytest.mark.slow
@pytest.mark.timeout(1800)  # installs a wheel with its dependencies
def test_the_job_of_gitlab_runs(repository, built, tmp_path):
    """Its script, line by line, with the variables of a merge request."""
    job = yaml.safe_load((ROOT / "integrations" / "gitlab-ci.yml").read_text())["auditor-gate"]
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository), "clone")
    shutil.copytree(repository / ".venv", clone / ".venv", symlinks=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AUDITOR_SOURCE": str(built), **GIT}
    env |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    env |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "AUDITOR_KEY": str(repository.parent / "ci.pem")}
    script = "set -e\n" + "\n".join(job["script"])

    done = subprocess.run(["bash", "-c", script], cwd=clone, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "gate: passed" in done.stdout
    for path in (job["artifacts"]["reports"]["junit"], "auditor-results/gate.json"):
        assert (clone / path).exists()


# --------------------------------------------------------------------------------------------------------- pre-commit


@pytest.mark.slow
@pytest.mark.timeout(1800)  # installs a wheel with its dependencies
def test_pre_commit_runs_the_hook(tmp_path):
    """Real pre-commit, with our hook from our own repository: green, then red when a package breaks another's wish."""
    source = tmp_path / "auditor"
    source.mkdir()
    listed = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file() and name.split("/")[0] not in ("tests", "docs", "benchmarks"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "auditor")
    config = {
        "repos": [{"repo": str(source), "rev": git(source, "rev-parse", "HEAD"), "hooks": [{"id": "auditor-lints"}]}]
    }
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (folder / ".gitignore").write_text(".venv\n")
    git(folder, "add", "-A")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "cache"), **GIT}
    env |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}

    def hooked():
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)

    done = hooked()
    assert done.returncode == 0, done.stdout + done.stderr

    site = next((folder / ".venv" / "lib").glob("python*")) / "site-packages"
    info = site / "demo_ops-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: demo-ops\nVersion: 1.0\nRequires-Dist: absent-thing>=2\n"
    )
    done = hooked()
    assert done.returncode == 1, done.stdout
    assert "environment-conflicting-packages" in done.stdout


def test_lints_need_no_framework_and_require_nothing(tmp_path, monkeypatch, capsys):
    """Exit 0 in an environment without a framework, where most lints do not apply; 1 for a package that conflicts."""
    from auditor import cli

    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], check=True)
    assert cli.run(["check", "--lints", "-q", "--python", ".venv", "--fail-on", "medium"]) == 0

    site = next((tmp_path / ".venv" / "lib").glob("python*")) / "site-packages"
    info = site / "demo_ops-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: demo-ops\nVersion: 1.0\nRequires-Dist: absent-thing>=2\n"
    )
    assert cli.run(["check", "--lints", "-q", "--python", ".venv", "--fail-on", "medium"]) == 1
    assert "environment-conflicting-packages" in capsys.readouterr().out
