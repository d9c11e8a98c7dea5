"""CycloneDX: valid under the strict schema, complete, the same everywhere, and inert."""

import json
import os
import re
from pathlib import Path

import audit_example
import examples
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import HealthCheck, given, settings
from packageurl import PackageURL

from auditor.cli import run
from auditor.report import components, formats

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report" / "audit-cyclonedx.cdx.json"
SPECIMENS = Path(__file__).resolve().parents[3] / "reports" / "specimens"
DISTRIBUTIONS = {
    "torch": {"version": "2.13.0+cpu", "origin": "index"},
    "forked": {
        "version": "1.0",
        "origin": "git",
        "url": "https://example.org/x",
        "commit": "0123abc",
    },
    "packed": {
        "version": "2.0",
        "origin": "archive",
        "url": "https://example.org/p.whl",
        "archive_hash": f"md5=abc sha256={'ab' * 32} sha512=cafe",
    },
    "old": "1.2",
    "": {"version": "1"},
    "../..\n\u202e": {"version": "</script>"},
}


@pytest.fixture(scope="module")
def problems():
    """The strict validator: what it says of a text, empty if it is valid."""
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    return lambda text: str(validator.validate_str(text) or "")


def rendered(manifest=None, **how):
    """The text and the document."""
    text = formats.render("cyclonedx", examples.reported(manifest, **how)).decode()
    return text, json.loads(text)


def listed(distributions):
    """The components of a manifest with these distributions, by name."""
    facts = {"python.distributions": audit_example.value(distributions)}
    return {one["name"]: one for one in rendered(audit_example.manifest(facts=facts))[1]["components"]}


def properties(one):
    """The properties of a component, by name."""
    return {each["name"]: each["value"] for each in one["properties"]}


def test_the_example_is_written_as_the_golden_file_says():
    """AUDITOR_REGENERATE=1 writes it again."""
    text, _ = rendered()
    if os.environ.get("AUDITOR_REGENERATE"):
        GOLDEN.write_text(text, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == text


def test_it_is_valid_and_what_is_broken_is_not(problems):
    """The example and a specimen; and the example with a field that the schema does not know, or without one."""
    text, document = rendered()
    unknown = json.dumps({**document, "surprise": 1})
    nameless = json.dumps({**document, "components": [{"type": "library"}]})

    assert "" == problems(text)
    assert "surprise" in problems(unknown)
    assert "'name' is a required property" in problems(nameless)


@pytest.mark.parametrize("path", sorted(SPECIMENS.glob("*.dsse.json")), ids=lambda path: path.name)
def test_every_specimen_is_valid(problems, path, capsys):
    """Each with all its distributions, frameworks among them."""
    assert 0 == run(["report", str(path), "--key", str(key_of(path)), "--format", "cyclonedx"])
    text = capsys.readouterr().out
    facts = components_facts(path, capsys)

    assert "" == problems(text)
    assert set(facts["python.distributions"]["value"]) <= {one["name"] for one in json.loads(text)["components"]}


def key_of(path):
    """The public key beside a specimen."""
    return path.with_name(path.name.replace(".dsse.json", ".pub"))


def components_facts(path, capsys):
    """The facts of a manifest."""
    run(["report", str(path), "--key", str(key_of(path)), "--format", "json"])
    return json.loads(capsys.readouterr().out)["predicate"]["facts"]


def test_time_and_serial_number_come_from_the_manifest():
    """Nothing of today: another manifest has another number."""
    _, document = rendered()
    _, other = rendered(audit_example.manifest(finished_on="2026-11-22T12:00:46Z"))

    assert "2026-11-22T12:00:45+00:00" == document["metadata"]["timestamp"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", document["serialNumber"])
    assert document["serialNumber"] != other["serialNumber"]
    assert document == rendered()[1]


def test_hardware_and_switches_are_properties():
    """By the keys of their facts; what could not be read, or identifies a machine, is left out."""
    others = {f"host.{role}": audit_example.value("x", role) for role in ("identity", "volatile", "machine")}
    manifest = audit_example.manifest(facts=audit_example.FACTS | others)
    told = properties(rendered(manifest)[1]["metadata"]["component"])

    assert "x" == told["auditor:host.machine"]
    assert not {"auditor:host.identity", "auditor:host.volatile"} & told.keys()
    assert "Example CPU | 2.00GHz" == told["auditor:host.cpu.model"]
    assert '[{"memory":80,"name":"Example GPU"}]' == told["auditor:torch.devices"]
    assert "auditor:host.gpu.driver" not in told
    assert "auditor:python.distributions" not in told


def test_frameworks_interpreter_and_system_are_components_of_their_kinds():
    """A framework is one by its distribution's name."""
    found = {one["name"]: (one["type"], one.get("version")) for one in rendered()[1]["components"]}

    assert ("framework", "2.13.0+cpu") == found["torch"]
    assert ("library", "2.4.0") == found["numpy"]
    assert ("platform", "3.12.11") == found["CPython"]
    assert ("operating-system", "22.04") == found["ubuntu"]


def test_packages_have_urls_and_hashes_where_they_were_recorded():
    """From where a package came stands in its URL; a hash that is none is left out."""
    found = listed(DISTRIBUTIONS)
    urls = {name: PackageURL.from_string(one["purl"]) for name, one in found.items() if "purl" in one}

    assert {"torch", "forked", "packed", "old"} == {*urls}
    assert "2.13.0+cpu" == urls["torch"].version
    assert {"vcs_url": "git+https://example.org/x@0123abc"} == urls["forked"].qualifiers
    assert {"download_url": "https://example.org/p.whl"} == urls["packed"].qualifiers
    assert [{"alg": "SHA-256", "content": "ab" * 32}] == found["packed"]["hashes"]
    assert "hashes" not in found["torch"]


def test_names_that_are_no_packages_stay_valid_data(problems):
    """Hostile ones have no URL, and hold no character that an editor acts on."""
    facts = {"python.distributions": audit_example.value(DISTRIBUTIONS)}
    text, _ = rendered(audit_example.manifest(facts=facts))

    assert "" == problems(text)
    assert "../..\\\\n\\\\u202e" in text


@given(examples.hostile_reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_hostile_manifests_are_valid_documents(problems, reported):
    """Whatever stands in one."""
    text = components.render(examples.timed(reported))

    assert "" == problems(text)
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
