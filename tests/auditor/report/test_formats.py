"""`auditor report`: every format renders the specimens and what is hostile, and says the same wherever it is made."""

import hashlib
import json
from pathlib import Path

import audit_example
import pytest

from auditor.cli import run
from auditor.errors import ManifestError
from auditor.manifest.models import payload_bytes
from auditor.report import formats
from auditor.report.source import Reported

SPECIMENS = Path(__file__).resolve().parents[3] / "reports" / "specimens"
SPECIMEN = SPECIMENS / "cpu-x86-64-2026-11-22.dsse.json"
SPECIMEN_KEY = SPECIMENS / "cpu-x86-64-2026-11-22.pub"


def example(manifest=None, *, signed=True):
    """A manifest of tests, as a command would open it."""
    manifest = manifest or audit_example.manifest()
    return Reported(
        manifest, payload_bytes(manifest), signed=signed, told="signed by a trusted key" if signed else "UNSIGNED"
    )


@pytest.mark.parametrize("name", [*formats.FORMATS])
def test_every_format_renders_a_specimen_alike_each_time(name, tmp_path, capsysbinary):
    """Through the command, to a file and to standard output."""
    out = tmp_path / "out.zip"  # which makes a crate an archive, and changes no other format
    command = ["report", str(SPECIMEN), "--key", str(SPECIMEN_KEY), "--format", name]

    assert 0 == run([*command, "-o", str(out)])
    capsysbinary.readouterr()
    assert 0 == run(command)
    assert out.read_bytes() == capsysbinary.readouterr().out


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name != "json"])
def test_what_nobody_signed_is_said(name):
    """A manifest that is unsigned never looks like one that is; only its own bytes hold no word about that."""
    assert b"UNSIGNED" in formats.render(name, example(signed=False))
    assert b"UNSIGNED" not in formats.render(name, example())


def test_the_payload_is_what_was_signed(capsys):
    """Its digest is the one that other formats name."""
    run(["report", str(SPECIMEN), "--key", str(SPECIMEN_KEY), "--format", "json"])
    payload = capsys.readouterr().out.encode()

    assert "predicate" in json.loads(payload)
    run(["report", str(SPECIMEN), "--key", str(SPECIMEN_KEY)])
    assert hashlib.sha256(payload).hexdigest() in capsys.readouterr().out


def test_a_signature_that_does_not_verify_is_refused(tmp_path, capsys):
    """Nothing is written."""
    changed = tmp_path / "changed.dsse.json"
    changed.write_bytes(SPECIMEN.read_bytes().replace(b'"payload":"', b'"payload":"QUJD', 1))

    assert 4 == run(["report", str(changed), "--key", str(SPECIMEN_KEY), "-o", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
    assert "verif" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sarif", "junit", "ro-crate", "cyclonedx"])
def test_a_manifest_without_a_time_is_told_and_not_judged(name):
    """The gate judges at the time at which the audit finished."""
    manifest = audit_example.manifest()
    timeless = manifest.predicate.run.model_copy(update={"finished_on": "some day"})
    manifest = manifest.model_copy(update={"predicate": manifest.predicate.model_copy(update={"run": timeless})})

    with pytest.raises(ManifestError, match="finishedOn is no time"):
        formats.render(name, example(manifest))
