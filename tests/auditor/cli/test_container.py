"""`auditor container write`: files from a verified manifest, and nothing lost."""

from __future__ import annotations

import hashlib

import pytest
import samples

from auditor import cli, envelope, specs
from auditor.manifest import payload_bytes
from auditor.signing.ed25519 import Ed25519Signer
from auditor.strictjson import canonical

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
    """Name to text of every file in a folder, hidden ones included."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_it_writes_both_files_from_an_audits_folder(here, capsys):
    """The same bytes as the folder's own `specs/`; the paths on stdout, what cannot be promised on stderr."""
    assert cli.run(["container", "write", "audit"]) == 0
    told = capsys.readouterr()

    assert contents(here / "container") == EXPECTED
    assert told.out.splitlines() == ["container/Dockerfile", "container/requirements.txt"]
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
    """UNSIGNED in both files and on stderr; refused where a key is named."""
    assert cli.run(["container", "write", "audit/manifest.json"]) == 0
    assert all("# UNSIGNED: " in text for text in contents(here / "container").values())
    assert "UNSIGNED" in capsys.readouterr().err
    assert cli.run(["container", "write", "audit/manifest.json", "--force", "--key", "audit/signer.pub"]) == 4


def test_it_overwrites_nothing_without_force(here, capsys):
    """One file that is there keeps both from being written; --force replaces them."""
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
