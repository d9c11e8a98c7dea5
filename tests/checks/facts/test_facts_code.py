"""Facts of the user's code, asked of a real git in real checkouts."""

import hashlib
import os
import subprocess
import time

import pytest
from asking import errors, facts, values

SECRET = "s3cr3tOfTheRemote"


def git(folder, *arguments):
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one commit, as the working folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init")
    (folder / "train.py").write_text("print(1)\n")
    (folder / "uv.lock").write_text("version = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    monkeypatch.chdir(folder)
    return folder


def test_a_clean_checkout(checkout):
    """The commit, nothing changed, no patch."""
    found = facts("code")
    told = values(found)

    assert errors(found) == {}
    assert told["code.commit"] == git(checkout, "rev-parse", "HEAD").strip()
    assert (told["code.dirty"], told["code.changed"], told["code.untracked"]) == (False, 0, 0)
    assert found["code.patch"].state == "not-applicable"
    assert told["code.top"] == str(checkout)


def test_changes_are_counted_and_digested(checkout):
    """A changed file, a renamed one and an untracked one; the digest is that of git's own patch."""
    (checkout / "train.py").write_text("print(2)\n")
    git(checkout, "mv", "uv.lock", "poetry.lock")
    (checkout / "new file.py").write_text("\n")
    told = values(facts("code"))
    patch = subprocess.run(
        ["git", "diff", "HEAD", "--binary", "--full-index", "--no-renames"], check=True, capture_output=True
    ).stdout

    assert (told["code.dirty"], told["code.changed"], told["code.untracked"]) == (True, 2, 1)
    assert told["code.patch"] == hashlib.sha256(patch).hexdigest()


def test_the_patch_does_not_depend_on_how_the_user_likes_diffs(checkout):
    """Colours, prefixes, context and folder are taste; two people with one change have one digest."""
    (checkout / "train.py").write_text("print(2)\n" * 30)
    before = values(facts("code"))["code.patch"]
    for name, value in (("diff.noprefix", "true"), ("diff.context", "0"), ("color.ui", "always")):
        git(checkout, "config", name, value)
    (checkout / "folder").mkdir()
    os.chdir(checkout / "folder")

    assert values(facts("code"))["code.patch"] == before


def test_nothing_that_the_checkout_names_is_run(checkout):
    """Hooks, file system monitors, pagers, external diffs and text converters of a hostile checkout stay still."""
    trap = checkout / ".git" / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{checkout.parent}/sprung'\ncat\n")
    trap.chmod(0o755)
    (checkout / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        (checkout / ".git" / "hooks" / hook).symlink_to(trap)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "diff.x.command"):
        git(checkout, "config", name, str(trap))
    (checkout / ".gitattributes").write_text("*.py diff=x\n")
    (checkout / "train.py").write_text("print(2)\n")
    told = values(facts("code"))

    assert told["code.dirty"] is True
    assert not (checkout.parent / "sprung").exists()


def test_the_index_is_not_written(checkout):
    """Asking for the state takes no lock and refreshes nothing: a build that runs beside us is not disturbed."""
    (checkout / "train.py").touch()
    before = (checkout / ".git" / "index").read_bytes()
    facts("code")

    assert (checkout / ".git" / "index").read_bytes() == before


def test_remotes_are_told_without_credentials(checkout):
    """In both spellings of an address."""
    git(checkout, "remote", "add", "origin", f"https://me:{SECRET}@git.example/x.git?token={SECRET}")
    git(checkout, "remote", "add", "other", "somebody@git.example:x.git")
    told = values(facts("code"))["code.remotes"]

    assert SECRET not in str(told)
    assert told == ["origin https://<redacted>@git.example/x.git", "other git.example:x.git"]


def test_outside_of_a_checkout(tmp_path, monkeypatch):
    """No checkout is an answer; the lock file in the folder is still read."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements-dev.txt").write_text("torch\n")
    found = facts("code")

    assert errors(found) == {}
    assert found["code.commit"].state == "not-applicable"
    assert values(found)["code.lock_files"] == {"requirements-dev.txt": hashlib.sha256(b"torch\n").hexdigest()}


def test_lock_files_of_the_checkout_s_top_are_found(checkout, monkeypatch):
    """An experiment is often started from a folder of its own."""
    (checkout / "runs").mkdir()
    monkeypatch.chdir(checkout / "runs")

    assert values(facts("code"))["code.lock_files"] == {"top/uv.lock": hashlib.sha256(b"version = 1\n").hexdigest()}


def test_a_checkout_without_a_commit(tmp_path, monkeypatch):
    """There is no commit and no patch, and that is no error."""
    git(tmp_path, "init")
    monkeypatch.chdir(tmp_path)
    found = facts("code")

    assert errors(found) == {}
    assert {found["code.commit"].state, found["code.patch"].state} == {"not-applicable"}


@pytest.mark.parametrize("body", ["sleep 60; true", "(sleep 60 &) ; sleep 60; true"], ids=["sleeps", "with-a-child"])
def test_a_git_that_hangs_costs_its_limit_once(tmp_path, monkeypatch, body):
    """The facts of git are unknown, the others are there, and no process stays behind."""
    (tmp_path / "git").write_text(f"#!/bin/sh\n{body}\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    started = time.monotonic()
    found = facts("code")

    assert time.monotonic() - started < 12
    assert found["code.commit"].state == "unknown"
    assert "longer than 5 s" in found["code.commit"].reason
    assert found["code.folder"].state == "value"


@pytest.mark.usefixtures("checkout")
def test_a_git_that_fails_or_is_missing_is_unknown(tmp_path, monkeypatch):
    """A refusal is told, and is not taken for a folder without git."""
    (tmp_path / "git").write_text("#!/bin/sh\necho fatal: detected dubious ownership >&2; exit 128\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + ":/bin")
    refused = facts("code")["code.commit"]
    (tmp_path / "git").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = facts("code")["code.commit"]

    assert (refused.state, missing.state) == ("unknown", "unknown")
    assert "safe.directory" in refused.reason
    assert "not on the PATH" in missing.reason


def test_the_command_line_is_told_without_secrets():
    """Of the audit: as the host says. A value behind a secret's name is not."""
    words = ["auditor", "probe", "--api-key", SECRET, f"--token={SECRET}", f"https://u:{SECRET}@x.example/", "-q"]
    told = values(facts("code", context={"command_line": words}))["code.command_line"]

    assert SECRET not in str(told)
    assert (told[:3], told[-1]) == (["auditor", "probe", "--api-key"], "-q")


def test_the_set_up_file_is_digested(tmp_path):
    """It is the only code of the user's that an audit runs."""
    setup = tmp_path / "setup.py"
    setup.write_text("import random\n")

    assert values(facts("code", setup=setup))["code.program"] == hashlib.sha256(setup.read_bytes()).hexdigest()
    assert facts("code")["code.program"].state == "not-applicable"


def test_data_is_what_the_user_named():
    """Name to digest, as the host computed them; without any, the reason says what to pass."""
    named = {"weights.bin": "ab" * 32, "data/": "cd" * 32}
    told = facts("code", context={"subjects": named})["code.data"]
    none = facts("code")["code.data"]

    assert (told.state, told.value, told.source) == ("value", named, "--subject")
    assert none.state == "not-applicable"
    assert "--subject PATH" in none.reason
