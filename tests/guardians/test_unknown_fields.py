"""What a later release adds to a manifest: a specimen with unknown fields verifies, reads, and shows none of them."""

import base64
import json

import pytest
from support import ROOT

from auditor import cli
from auditor.container import specs
from auditor.errors import ManifestError
from auditor.manifest import models
from auditor.manifest.strict_json import canonical
from auditor.render import markdown
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer

SPECIMENS = sorted((ROOT / "reports" / "specimens").glob("*.dsse.json"))
MARK = "unheard-of"
UNKNOWN = {MARK: {"deeper": [f"<script>{MARK}</script>\u202e", None, 1.5, True]}, "also": None}
"""Names, texts and null: what a later release may write, and what a hostile manifest may try to have shown."""


def payload_of(path):
    """The bytes that a specimen signs."""
    return base64.b64decode(json.loads(path.read_bytes())["payload"])


def extended(document):
    """The document with unknown fields in every part of it that the format describes."""
    predicate = document["predicate"]
    parts = [document, predicate, predicate["auditor"], predicate["run"]]
    parts += [part for subject in document["subject"] for part in (subject, subject["digest"])]
    parts += [*predicate["facts"].values(), *predicate["readings"], *predicate["findings"]]
    for part in parts:
        part.update(UNKNOWN)
    return document


@pytest.fixture(params=SPECIMENS, ids=lambda path: path.name)
def signed(request, tmp_path, monkeypatch):
    """The specimen's payload, signed by a new key: extended in `new/`, and as it is in `old/`."""
    monkeypatch.chdir(tmp_path)
    signer = Ed25519Signer.generate()
    payload = canonical(extended(json.loads(payload_of(request.param))))
    for name, content in (("new", payload), ("old", payload_of(request.param))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(content, signer)))
        (folder / "signer.pub").write_bytes(signer.verifier().public_pem())
    (tmp_path / "key.pem").write_bytes(signer.private_pem(None))
    return tmp_path


@pytest.mark.usefixtures("signed")
def test_it_verifies(capsys):
    """Exit 0 under the key that signed it, with the subjects as its facts give them, and strictly as well."""
    for more in ([], ["--strict"]):
        done = cli.run(["verify", "new/manifest.dsse.json", "--key", "new/signer.pub", *more])
        assert 0 == done, capsys.readouterr()


@pytest.mark.usefixtures("signed")
def test_it_compares_as_the_specimen_without_them(capsys):
    """No difference in either direction, as text and as JSON, and nothing of them is shown."""
    shown = []
    for order in (["old", "new"], ["new", "old"]):
        for options in ([], ["--explain"], ["--json"]):
            code = cli.run(["compare", *order, *options])
            assert 0 == code, capsys.readouterr().out
            told = capsys.readouterr()
            shown += [told.out, told.err]
    assert not [text for text in shown if MARK in text]


def test_nothing_of_them_is_rendered(signed, capsys):
    """Reports, specifications and remedies hold no word of an unknown field."""
    payload = payload_of(signed / "new" / "manifest.dsse.json")
    read = models.read(payload)
    digest = "0" * 64
    texts = [markdown.render(read, digest), *specs.files(read, digest).values()]
    for options in ([], ["--json"], ["--format", "dockerfile"]):
        cli.run(["remedy", "new", *options])
        told = capsys.readouterr()
        texts += [told.out, told.err]

    assert MARK in payload.decode()
    assert not [text for text in texts if MARK in text]
    plain = models.read(payload_of(signed / "old" / "manifest.dsse.json"))
    assert markdown.render(plain, digest) == texts[0]


def test_they_are_kept_byte_for_byte(signed):
    """What is read and written again, and what `auditor sign` writes, holds every unknown field as it was."""
    payload = payload_of(signed / "new" / "manifest.dsse.json")
    again = json.loads(models.payload_bytes(models.read(payload)))

    assert extended(json.loads(payload)) == json.loads(payload)
    assert UNKNOWN.items() <= again["predicate"]["findings"][0].items()
    assert UNKNOWN.items() <= again["predicate"]["readings"][-1].items()
    assert UNKNOWN.items() <= again["subject"][0]["digest"].items()
    assert canonical(extended(again)) == canonical(again)

    (signed / "bare").mkdir()
    (signed / "bare" / "manifest.json").write_bytes(payload)
    assert 0 == cli.run(["sign", "bare/manifest.json", "--key", "key.pem"])
    assert payload == payload_of(signed / "bare" / "manifest.dsse.json")
    assert 0 == cli.run(["sign", "new", "--key", "key.pem"])
    assert payload == payload_of(signed / "new" / "manifest.dsse.json")


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_one_that_stands_twice_is_refused(path):
    """An unknown field is no place to hide a second value: duplicate keys stay refused."""
    payload = payload_of(path).replace(b'{"_type":', b'{"new":1,"new":1,"_type":', 1)

    with pytest.raises(ManifestError, match="twice"):
        models.read(payload)
