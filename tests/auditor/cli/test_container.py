"""`auditor container write`: files from a verified manifest, and nothing lost."""

from __future__ import annotations

import hashlib

import pytest
import samples

from auditor import cli
from auditor.container import specs
from auditor.manifest.models import payload_bytes
from auditor.manifest.strict_json import canonical
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer

MANIFEST = samples.manifest()
PAYLOAD = payload_bytes(MANIFEST)
EXPECTED = specs.files(MANIFEST, hashlib.sha256(PAYLOAD).hexdigest())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder, and an audit's folder `audit` in it."""
    monkeypatch.chdir(tmp_path)
    signer = Ed25519Signer.generate()
    folder = tmp_path / "audit"
    folder.mkdir()
    (folder / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(PAYLOAD, signer)))
    (folder / "signer.pub").write_bytes(signer.verifier().public_pem())
    (folder / "manifest.json").write_bytes(PAYLOAD)
    return tmp_path


def contents(folder):
    """Relative path to text of every file in a folder, hidden ones included."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_it_writes_every_file_from_an_audits_folder(here, capsys):
    """The same bytes as the folder's own `specs/`; the paths on stdout, what cannot be promised on stderr."""
    assert cli.run(["container", "write", "audit"]) == 0
    told = capsys.readouterr()

    assert contents(here / "container") == EXPECTED
    assert told.out.splitlines() == [f"container/{name}" for name in EXPECTED]
    assert "UNPINNED" in told.err
    assert "anyone could have made both" in told.err


def test_a_named_key_is_required_to_have_signed(here, capsys):
    """Exit 4 for another key, and nothing is written; 0 for the right one, without a warning."""
    other = here / "other.pub"
    other.write_bytes(Ed25519Signer.generate().verifier().public_pem())

    assert cli.run(["container", "write", "audit", "--key", str(other)]) == 4
    assert not (here / "container").exists()
    capsys.readouterr()
    assert cli.run(["container", "write", "audit/manifest.dsse.json", "--key", "audit/signer.pub"]) == 0
    assert "anyone" not in capsys.readouterr().err


def test_a_changed_envelope_is_refused(here):
    """Exit 4, and nothing is written."""
    path = here / "audit" / "manifest.dsse.json"
    envelope_read = envelope.read(path.read_bytes())
    changed = envelope.Envelope(
        PAYLOAD.replace(b"torch", b"torhc"), envelope_read.payload_type, envelope_read.signatures
    )
    path.write_bytes(envelope.write(changed))

    assert cli.run(["container", "write", "audit"]) == 4
    assert not (here / "container").exists()


def test_an_envelope_without_any_key_is_refused(here):
    """What cannot be verified is not used."""
    (here / "audit" / "signer.pub").unlink()

    assert cli.run(["container", "write", "audit"]) == 4
    assert not (here / "container").exists()


def test_a_bare_manifest_is_accepted_and_marked(here, capsys):
    """UNSIGNED in every file and on stderr; refused where a key is named."""
    assert cli.run(["container", "write", "audit/manifest.json"]) == 0
    assert all("UNSIGNED" in text for text in contents(here / "container").values())
    assert "UNSIGNED" in capsys.readouterr().err
    assert cli.run(["container", "write", "audit/manifest.json", "--force", "--key", "audit/signer.pub"]) == 4


def test_it_overwrites_nothing_without_force(here, capsys):
    """One file that is there keeps all from being written; --force replaces them."""
    (here / "mine").mkdir()
    (here / "mine" / "requirements.txt").write_text("mine")

    assert cli.run(["container", "write", "audit", "-o", "mine"]) == 2
    assert contents(here / "mine") == {"requirements.txt": "mine"}
    assert "--force" in capsys.readouterr().err
    assert cli.run(["container", "write", "audit", "-o", "mine", "--force"]) == 0
    assert contents(here / "mine") == EXPECTED


def test_force_replaces_a_link_and_not_what_it_points_to(here):
    """A link that somebody left does not lead a write elsewhere."""
    (here / "container").mkdir()
    (here / "precious").write_text("precious")
    (here / "container" / "Dockerfile").symlink_to(here / "precious")

    assert cli.run(["container", "write", "audit", "--force"]) == 0
    assert (here / "precious").read_text() == "precious"
    assert contents(here / "container") == EXPECTED


def test_what_cannot_be_written_is_an_error_and_leaves_no_remains(here, capsys):
    """A file system's refusal is exit 5, told with what to do."""
    (here / "blocked").write_text("a file")

    assert cli.run(["container", "write", "audit", "-o", "blocked/inside"]) == 5
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"_type": "x"}', canonical({"_type": "x", "predicateType": "y"})]
)
def test_what_is_no_manifest_is_refused(here, content):
    """Exit 5 with a reason, and nothing is written."""
    (here / "broken.json").write_bytes(content)

    assert cli.run(["container", "write", "broken.json"]) == 5
    assert not (here / "container").exists()


def test_a_manifest_that_is_not_there_is_a_usage_error(here):
    """Exit 2."""
    assert cli.run(["container", "write", str(here / "nowhere")]) == 2


DIGEST = "a" * 64
LOCK = f"torch==2.13.0 --hash=sha256:{DIGEST}\n"


def test_a_base_by_digest_is_written(here, capsys):
    """Then the base is no longer UNPINNED."""
    base = f"127.0.0.1:5005/base:1@sha256:{DIGEST}"

    assert cli.run(["container", "write", "audit", "--base", base]) == 0
    assert f"FROM {base} AS build" in contents(here / "container")["Dockerfile"]
    assert "UNPINNED: the tag" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--base", "python:3.12"],
        ["--base", f"--platform=linux/arm64 python@sha256:{DIGEST}"],
        ["--base", f"python@sha256:{DIGEST}\nRUN evil"],
        ["--base", f"python@sha256:{DIGEST} AS x"],
        ["--base", "python@sha256:short"],
        ["--snapshot", "yesterday"],
        ["--snapshot", "20261101T000000Z/../x"],
    ],
)
def test_choices_that_must_not_be_written_are_a_usage_error(here, options, capsys):
    """Exit 2 with the reason, and nothing is written."""
    assert cli.run(["container", "write", "audit", *options]) == 2
    assert "Nothing was written." in capsys.readouterr().err
    assert not (here / "container").exists()


def test_a_lock_takes_the_place_of_the_requirements(here, capsys):
    """And with --force the file without hashes is gone: an older one would mislead."""
    (here / "lock").write_text(LOCK)

    assert cli.run(["container", "write", "audit"]) == 0
    assert cli.run(["container", "write", "audit", "--lock", "lock"]) == 2
    assert cli.run(["container", "write", "audit", "--lock", "lock", "--force"]) == 0
    written = contents(here / "container")
    assert written["requirements.lock"] == LOCK
    assert "requirements.txt" not in written
    assert "LEFT OUT: the lock has no" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"-r evil\n", b"torch==2.13.0\n", b"\xff", b"\x00"])
def test_a_file_that_is_no_lock_is_a_usage_error(here, content):
    """Exit 2, and nothing is written."""
    (here / "lock").write_bytes(content)

    assert cli.run(["container", "write", "audit", "--lock", "lock"]) == 2
    assert not (here / "container").exists()


def test_a_lock_of_ones_own_is_not_removed(here):
    """Either of the two requirements files that is there asks for --force."""
    (here / "mine").mkdir()
    (here / "mine" / "requirements.lock").write_text("mine")

    assert cli.run(["container", "write", "audit", "-o", "mine"]) == 2
    assert contents(here / "mine") == {"requirements.lock": "mine"}


def test_a_folder_that_is_a_link_is_not_written_through(here, capsys):
    """A link `.devcontainer` would lead a file elsewhere."""
    (here / "elsewhere").mkdir()
    (here / "container").mkdir()
    (here / "container" / ".devcontainer").symlink_to(here / "elsewhere")

    assert cli.run(["container", "write", "audit", "--force"]) == 5
    assert contents(here / "elsewhere") == {}
    assert "is a symbolic link" in capsys.readouterr().err


def test_help_lists_the_subcommands_without_importing_them(capsys):
    """Their clients are heavy; an unknown one is a usage error."""
    assert cli.run(["container", "--help"]) == 0
    told = capsys.readouterr().out

    assert all(f"  {name} " in told for name in ("write", "lock", "build", "verify"))
    assert cli.run(["container", "unwritten"]) == 2
