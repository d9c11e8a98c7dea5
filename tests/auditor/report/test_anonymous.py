"""Reports of anonymous manifests: no format adds a name that the manifest does not hold; others are refused."""

import audit_example
import pytest

from auditor.cli import run
from auditor.errors import UsageError
from auditor.manifest.models import payload_bytes
from auditor.report import formats, source
from auditor.signing import envelope, trust
from auditor.signing.ed25519 import Ed25519Signer

WORDS = ("alice", "f00dface")
"""Planted in the file's name, in the origin of the trusted key, and as its id."""


def opened(privacy):
    """A manifest of this mode, as the command opens it."""
    manifest = audit_example.manifest()
    run_ = manifest.predicate.run.model_copy(update={"privacy": privacy})
    manifest = manifest.model_copy(update={"predicate": manifest.predicate.model_copy(update={"run": run_})})
    return trust.Opened(payload_bytes(manifest), "trusted", keyids=("f00dface",), origin="alice's keys")


@pytest.mark.parametrize("name", [*formats.FORMATS])
def test_no_format_adds_a_name(tmp_path, name):
    """The file's name, the key and its owner stand in reports of other manifests alone."""
    place, found = tmp_path / "alice-audit", opened("anonymous")
    place.write_bytes(envelope.write(envelope.sign(found.payload, Ed25519Signer.generate())))
    told = formats.render(name, source.of(place, found))

    assert not [word for word in WORDS if word.encode() in told]


def test_the_words_would_be_seen(tmp_path):
    """The same manifest in another mode: a paragraph to cite names file and key."""
    told = formats.render("cite", source.of(tmp_path / "alice-audit", opened("identified"))).decode()

    assert [*WORDS] == [word for word in WORDS if word in told]


def test_what_was_not_made_anonymous_is_refused(tmp_path, capsys):
    """Before anything is written."""
    bare = tmp_path / "manifest.json"
    bare.write_bytes(payload_bytes(audit_example.manifest()))

    assert 2 == run(["report", str(bare), "--anonymous", "-o", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
    assert "auditor audit --anonymous" in capsys.readouterr().err
    with pytest.raises(UsageError):
        source.require_anonymous(source.of(bare, opened("tokenised")))
    source.require_anonymous(source.of(bare, opened("anonymous")))
