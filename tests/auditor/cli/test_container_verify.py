"""`auditor container verify`: what is refused before anything runs. What it measures: tests/auditor/engine."""

from __future__ import annotations

import hashlib

import pytest
import samples

from auditor import cli
from auditor.manifest.models import payload_bytes

NOWHERE = "unix:///nonexistent/engine.sock"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder, keys of its own, and no engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)
    return tmp_path


def save(folder, *, readings=True, setup=""):
    """A bare manifest, with readings or without, of an audit with a set-up file or without."""
    manifest = samples.manifest()
    run = manifest.predicate.run.model_copy(update={"setup_sha256": setup})
    changed = {"run": run, "readings": manifest.predicate.readings if readings else []}
    predicate = manifest.predicate.model_copy(update=changed)
    (folder / "m.json").write_bytes(payload_bytes(manifest.model_copy(update={"predicate": predicate})))


def test_without_an_engine_it_says_so_and_leaves_nothing(here, capsys):
    """Exit code 5, one clear message, no half-made folder."""
    save(here)

    assert cli.run(["container", "verify", "m.json", "image", "-o", "out"]) == 5
    assert "no container engine answers" in capsys.readouterr().err
    assert not [path.name for path in here.iterdir() if path.name.startswith("out")]


def test_a_manifest_without_readings_is_refused(here, capsys):
    """Equal packages alone would prove nothing of the bits."""
    save(here, readings=False)

    assert cli.run(["container", "verify", "m.json", "image"]) == 2
    assert "has no readings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wanted", "given"), [("b" * 64, None), ("b" * 64, "x = 1\n"), ("", "x = 1\n")], ids=("missing", "other", "extra")
)
def test_the_set_up_file_must_be_the_manifests(here, capsys, wanted, given):
    """Other settings give other bits, and the answer would be about them."""
    save(here, setup=wanted)
    if given:
        (here / "setup.py").write_text(given)

    assert cli.run(["container", "verify", "m.json", "image", *(["--setup", "setup.py"] if given else [])]) == 2
    assert "set-up file" in capsys.readouterr().err


def test_the_right_set_up_file_is_taken(here, capsys):
    """Then the engine is the next obstacle."""
    (here / "setup.py").write_text("x = 1\n")
    save(here, setup=hashlib.sha256(b"x = 1\n").hexdigest())

    assert cli.run(["container", "verify", "m.json", "image", "--setup", "setup.py"]) == 5
    assert "no container engine" in capsys.readouterr().err


def test_another_key_is_refused(here):
    """Exit code 4 for an unsigned manifest where a key was named."""
    save(here)
    (here / "k").mkdir()

    assert cli.run(["keygen", "-o", "k/me"]) == 0
    assert (
        cli.run(["container", "verify", "m.json", "image", "--key", next((here / "k").glob("*.pub")).as_posix()]) == 4
    )
