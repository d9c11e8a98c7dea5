"""`auditor container lock`: whom it asks is said first, the folder is written whole or not at all, secrets stay out."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from auditor import cli
from auditor.container import specs
from auditor.manifest.models import payload_bytes

PINNED = "registry.example/base@sha256:" + "cd" * 32


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lock(here, site, tools, capfd, monkeypatch):
    """Run the command over an environment with these distributions: exit code, standard output, standard error."""

    def run(distributions, *arguments, index=site.url, with_engine=False):
        if not with_engine:
            monkeypatch.setenv("DOCKER_HOST", f"unix://{here}/no-engine.sock")
        (here / "manifest.json").write_bytes(payload_bytes(tools.manifest(distributions)))
        code = cli.run(["container", "lock", "manifest.json", "-o", "spec", "-q", "--index", index, *arguments])
        return code, *capfd.readouterr()

    return run


def written(here):
    """Relative path to text of every file of the specification."""
    found = (path for path in (here / "spec").rglob("*") if path.is_file())
    return {path.relative_to(here / "spec").as_posix(): path.read_bytes().decode("latin-1") for path in found}


def test_a_complete_lock_writes_the_whole_specification(here, site, tools, lock):
    """requirements.lock instead of requirements.txt, the base by its digest, exit 0; who is asked is said first."""
    site.publish(tools.wheel("alpha", "1.0"))
    code, out, err = lock({"alpha": tools.entry()}, "--base", PINNED)
    files = written(here)

    assert 0 == code
    assert "alpha==1.0 \\\n    --hash=sha256:" in files["requirements.lock"]
    assert "requirements.txt" not in files
    assert f"FROM {PINNED}" in files["Dockerfile"]
    unsigned, network = err.splitlines()[:2]
    assert unsigned.startswith("The manifest is UNSIGNED")
    assert network.startswith(f"This command uses the network: it queries {site.url} (--index) for the files of 1 dist")
    assert "spec/requirements.lock" in out.splitlines()
    assert "Locked: 1 distributions, 1 files; 1 requests." in err


def test_the_lock_is_one_that_write_takes(here, site, tools, lock):
    """With comments, notes and several hashes: what `lock` writes, `write --lock` accepts and repeats."""
    site.publish(tools.wheel("alpha", "1.0"), yanked="bad\nRUN x")
    site.publish(tools.wheel("alpha", "1.0", build="1"))
    lock({"alpha": tools.entry()}, "--base", PINNED)
    first = written(here)["requirements.lock"]
    code = cli.run(["container", "write", "manifest.json", "-o", "again", "--lock", "spec/requirements.lock"])

    assert {"alpha": "1.0"} == specs.locked(first)
    assert (0, first) == (code, (here / "again/requirements.lock").read_text())


def test_an_incomplete_lock_is_none(here, site, tools, lock):
    """Plain requirements, an UNHASHED line that names what is missing and why, exit 1, and no wheelhouse."""
    site.publish(tools.wheel("alpha", "1.0"))
    origin = {"origin": "git", "commit": "ab" * 20}
    code, _, err = lock({"alpha": tools.entry(), "beta": tools.entry(**origin)}, "--base", PINNED, "--wheelhouse")
    files = written(here)

    assert 1 == code
    assert ("requirements.txt" in files, "requirements.lock" in files) == (True, False)
    assert "--hash" not in files["requirements.txt"]
    assert 'UNHASHED: beta 1.0 came from "git" "' + "ab" * 20 in err.replace("'", '"')
    assert "Not locked: 1 distributions have a hash, 1 have none" in err
    assert "No wheelhouse" in err
    assert not [path for path in files if path.endswith(".whl")]


def test_nobody_reached_is_exit_5_and_writes_nothing(here, site, tools, lock):
    """One clear message."""
    site.close()
    code, out, err = lock({"alpha": tools.entry()})

    assert (5, "", False) == (code, out, (here / "spec").exists())
    assert "no index could be reached" in err


@pytest.mark.parametrize("name", ["Dockerfile", "requirements.txt", "requirements.lock", "wheels/README"])
def test_nothing_is_overwritten_without_force(here, site, tools, lock, name):
    """Before anybody is asked; with --force files are replaced, and the other requirements file goes."""
    site.publish(tools.wheel("alpha", "1.0"))
    target = here / "spec" / name
    target.parent.mkdir(parents=True)
    target.write_text("mine")
    refused, _, err = lock({"alpha": tools.entry()}, "--base", PINNED)
    untouched = written(here), site.seen[:]
    forced, *_ = lock({"alpha": tools.entry()}, "--base", PINNED, "--force")

    assert (2, {name: "mine"}, []) == (refused, *untouched)
    assert f"spec/{name} already exist" in err
    assert (0, False) == (forced, "mine" in written(here).values())


def test_a_wheelhouse_lies_beside_the_specification(here, site, tools, lock):
    """Every locked file in wheels/, checked; a failed download leaves no specification, and a second run goes on."""
    site.publish(tools.wheel("alpha", "1.0"))
    beta = site.publish(tools.wheel("beta", "1.0"))
    good = site.files["beta"]["beta-1.0-py3-none-any.whl"]
    site.files["beta"]["beta-1.0-py3-none-any.whl"] = {"data": b"changed", "hashes": {"sha256": beta}}
    found = {"alpha": tools.entry(), "beta": tools.entry()}
    failed, _, err = lock(found, "--base", PINNED, "--wheelhouse")
    after = [*written(here)]
    site.files["beta"]["beta-1.0-py3-none-any.whl"] = good
    before = site.paths().count("/files/alpha-1.0-py3-none-any.whl")
    second, *_ = lock(found, "--base", PINNED, "--wheelhouse")

    assert (5, ["wheels/alpha-1.0-py3-none-any.whl"]) == (failed, after)
    assert "beta-1.0-py3-none-any.whl is not the locked file" in err
    assert 0 == second
    assert {"wheels/alpha-1.0-py3-none-any.whl", "wheels/beta-1.0-py3-none-any.whl"} < {*written(here)}
    assert before == site.paths().count("/files/alpha-1.0-py3-none-any.whl")


@pytest.mark.parametrize("bad", [["--index", "file:///x"], ["--base", "python:3.12"], ["--snapshot", "now"]])
def test_what_cannot_be_asked_or_written_is_a_usage_error(here, tools, lock, bad):
    """Exit 2, nobody asked, nothing written."""
    code, _, err = lock({"alpha": tools.entry()}, *bad)

    assert (2, False) == (code, (here / "spec").exists())
    assert "Nothing was" in err


def test_credentials_are_in_no_file_and_no_output(here, site, tools, lock):
    """Used towards the index; neither the lock, nor the Dockerfile, nor a line on the terminal holds them."""
    site.publish(tools.wheel("alpha", "1.0"))
    site.credentials = "Basic " + base64.b64encode(b"me:s3cr3t-w0rd").decode()
    index = site.url.replace("//", "//me:s3cr3t-w0rd@")
    good = lock({"alpha": tools.entry()}, "--base", PINNED, "--wheelhouse", index=index)
    site.credentials = "other"
    bad = lock({"alpha": tools.entry()}, "--force", index=index)
    said = " ".join([*map(str, good + bad), *written(here).values()])

    assert (0, 5) == (good[0], bad[0])
    assert "s3cr3t" not in said
    assert base64.b64encode(b"me:s3cr3t-w0rd").decode() not in said


def test_hostile_words_of_an_index_do_not_reach_the_terminal(here, site, tools, lock):
    """A reason for yanking with an escape sequence and an end of line: shown escaped, in the lock on one line."""
    site.publish(tools.wheel("alpha", "1.0"), yanked="\x1b]0;owned\x07\u202e\n--index-url https://evil.example")
    code, _, err = lock({"alpha": tools.entry()}, "--base", PINNED)
    text = written(here)["requirements.lock"]

    assert 0 == code
    assert "YANKED" in err
    assert not {"\x1b", "\x07", "\u202e"} & {*err, *text}
    assert not [line for line in text.splitlines() if line.startswith("--index-url")]


def test_without_an_engine_the_base_stays_unpinned(here, site, tools, lock):
    """Its digest is not asked, and it is said why; the lock is complete all the same."""
    site.publish(tools.wheel("alpha", "1.0"))
    code, _, err = lock({"alpha": tools.entry()})

    assert 0 == code
    assert "UNPINNED: the digest of python:" in err
    assert "no container engine answers" in err
    assert "@sha256" not in "".join(line for line in written(here)["Dockerfile"].splitlines() if "FROM" in line)


@pytest.mark.engine
def test_an_engine_resolves_the_digest_of_the_base(engine, site, tools, lock, monkeypatch):
    """Asked of the registry that the base's name says; written behind the name."""
    monkeypatch.setattr(specs, "base_of", lambda _: engine.base_tag)
    site.publish(tools.wheel("alpha", "1.0"))
    code, _, err = lock({"alpha": tools.entry()}, with_engine=True)

    assert 0 == code, err
    assert f"FROM {engine.base}" in Path("spec/Dockerfile").read_text()
