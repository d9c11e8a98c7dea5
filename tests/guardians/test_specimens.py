"""Every specimen ever published still verifies, reads, and renders."""

import json

import pytest
from support import ROOT

from auditor.manifest import models, profiles
from auditor.render import markdown
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Verifier

SPECIMENS = sorted((ROOT / "reports" / "specimens").glob("*.dsse.json"))


def test_there_are_specimens():
    """An empty folder would make the tests below prove nothing."""
    assert SPECIMENS


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_specimen_verifies_for_ever(path):
    """Its signature, its shape and its subjects, with the public key beside it."""
    key = path.with_name(path.name.replace(".dsse.json", ".pub"))
    payload = envelope.verify(path.read_bytes(), [Ed25519Verifier.from_pem(key.read_bytes(), key.name)]).payload
    read = models.read(payload)

    assert [] == profiles.subject_problems(json.loads(payload))
    assert ["software-environment", "machine"] == [subject.name for subject in read.subject[:2]]
    assert markdown.render(read, "0" * 64).startswith("# Reproducibility audit")


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_changed_specimen_does_not_verify(path):
    """One other character in the payload, and the signature is worth nothing."""
    from auditor.errors import AuditorError

    key = path.with_name(path.name.replace(".dsse.json", ".pub"))
    changed = json.loads(path.read_bytes())
    changed["payload"] = (
        changed["payload"][:-8] + ("A" if changed["payload"][-8] != "A" else "B") + changed["payload"][-7:]
    )

    with pytest.raises(AuditorError):
        envelope.verify(json.dumps(changed).encode(), [Ed25519Verifier.from_pem(key.read_bytes(), key.name)])
