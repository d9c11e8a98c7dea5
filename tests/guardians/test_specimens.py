"""Every specimen ever published still verifies, reads, and renders."""

import json
import shutil

import pytest
from support import ROOT

from auditor import cli
from auditor.errors import AuditorError
from auditor.manifest import models, profiles
from auditor.render import markdown
from auditor.signing import envelope, keys

FOLDER = ROOT / "reports" / "specimens"
SPECIMENS = sorted(FOLDER.glob("*.dsse.json"))
FOLDERS = sorted(path for path in FOLDER.iterdir() if (path / "files.dsse.json").exists())


def key_of(path):
    """The public keys that belong to a specimen."""
    return keys.load_verifiers(path.with_name(path.name.replace(".dsse.json", ".pub")))


def test_there_are_specimens():
    """An empty folder would make the tests below prove nothing; each kind of key that ever signed is among them."""
    kinds = {verifier.kind for path in SPECIMENS for verifier in key_of(path)}
    curves = {f"SSH (ecdsa-sha2-nistp{bits})" for bits in (256, 384, 521)}

    assert {"Ed25519", "ECDSA P-256", "SSH (ssh-ed25519)", "SSH (ssh-rsa)", *curves} <= kinds
    assert FOLDERS


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_specimen_verifies_for_ever(path):
    """Its signature, its shape and its subjects, with the public key beside it."""
    payload = envelope.verify(path.read_bytes(), key_of(path), strict=True).payload
    read = models.read(payload)

    assert [] == profiles.subject_problems(json.loads(payload))
    assert ["software-environment", "machine"] == [subject.name for subject in read.subject[:2]]
    assert markdown.render(read, "0" * 64).startswith("# Reproducibility audit")


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_changed_specimen_does_not_verify(path):
    """One other character in the payload, and the signature is worth nothing; nor does another specimen's key count."""
    changed = json.loads(path.read_bytes())
    changed["payload"] = (
        changed["payload"][:-8] + ("A" if changed["payload"][-8] != "A" else "B") + changed["payload"][-7:]
    )

    with pytest.raises(AuditorError):
        envelope.verify(json.dumps(changed).encode(), key_of(path))
    others = [verifier for other in SPECIMENS if other != path for verifier in key_of(other)]
    with pytest.raises(AuditorError):
        envelope.verify(path.read_bytes(), others)


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_a_folder_verifies_for_ever(path, tmp_path, capsys):
    """By its signed list, with either signer's key and with both; and not with one byte changed in a report."""
    shutil.copytree(path, tmp_path / "copy")
    both = ["--key", str(path / "signer.pub"), "--key", str(path.with_name(f"{path.name}.pub"))]

    assert 0 == cli.run(["verify", str(tmp_path / "copy"), *both, "--signatures", "2", "--strict"])
    assert "match the signed list" in capsys.readouterr().out
    (tmp_path / "copy" / "report.md").write_bytes((path / "report.md").read_bytes()[:-1])
    assert 4 == cli.run(["verify", str(tmp_path / "copy"), *both])
