"""Reading and writing manifests: what is refused, what survives, and what moves a subject's digest."""

import importlib
import json
import struct
import sys

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ManifestError
from auditor.manifest import models as m
from auditor.manifest import profiles, strict_json
from auditor.manifest.models import Digest, Fact, Reading, Subject
from auditor.manifest.subjects import statement
from auditor.shipped import folder

PAYLOAD = m.payload_bytes(samples.manifest())
EDITED = json.loads(PAYLOAD)


def edited(**changes):
    """The sample payload with top-level fields replaced."""
    return json.dumps({**EDITED, **changes}).encode()


def test_a_manifest_is_read_back_as_it_was_written():
    """Writing and reading give an equal manifest, and writing that again the same bytes."""
    again = m.read(PAYLOAD)

    assert samples.manifest() == again
    assert m.payload_bytes(again) == PAYLOAD


def test_white_space_and_order_do_not_change_what_is_read():
    """A pretty-printed payload in another order is the same manifest."""
    document = json.loads(PAYLOAD)
    pretty = json.dumps(dict(reversed(document.items())), indent=2).encode()

    assert m.read(pretty) == samples.manifest()


NEEDLE = b'"value":2}'  # of host.cpu.logical

REFUSED = {
    "empty": (b"", "truncated"),
    "no JSON": (b"manifest", "not JSON"),
    "trailing": (PAYLOAD + b"{}", "not JSON"),
    "list": (b"[]", "list, not an object"),
    "number": (b"3", "int, not an object"),
    "null": (b"null", "NoneType, not an object"),
    "UTF-16": (PAYLOAD.decode().encode("utf-16"), "not UTF-8"),
    "Latin-1": (edited().replace(b"quick", b"qu\xe9ck"), "not UTF-8"),
    "BOM": (b"\xef\xbb\xbf" + PAYLOAD, "byte order mark"),
    "encoded surrogate": (edited().replace(b"quick", b"\xed\xa0\x80"), "not UTF-8"),
    "escaped surrogate": (edited().replace(b"quick", b"\\uD800"), "lone surrogate"),
    "escaped low surrogate": (edited().replace(b"quick", b"\\udfff"), "lone surrogate"),
    "NaN": (edited(predicate=float("nan")), "NaN"),
    "Infinity": (edited(predicate=float("inf")), "Infinity"),
    "minus Infinity": (edited(predicate=float("-inf")), "-Infinity"),
    "overflowing number": (edited().replace(b'"repeat": 0', b'"repeat": 1e999'), "range of a double"),
    "integer 2^53": (edited(predicate=2**53), "2^53"),
    "integer -2^53": (edited(predicate=-(2**53)), "2^53"),
    "integer of 10000 digits": (edited().replace(b'"repeat": 0', b'"repeat": ' + b"9" * 10000), "2^53"),
    "other type": (edited(_type="https://in-toto.io/Statement/v0.1"), "_type is"),
    "no type": (json.dumps({k: v for k, v in EDITED.items() if k != "_type"}).encode(), "_type is None"),
    "other version": (edited(predicateType="urn:auditor:environment-audit:v0.2"), "predicateType is"),
    "missing field": (json.dumps({k: v for k, v in EDITED.items() if k != "subject"}).encode(), "subject"),
    "wrong kind": (edited(subject={}), "subject"),
    "unknown state": (PAYLOAD.replace(b'"state":"unknown"', b'"state":"missing"'), "state"),
    "unknown outcome": (PAYLOAD.replace(b'"outcome":"pass"', b'"outcome":"PASS"'), "outcome"),
    "text for an integer": (PAYLOAD.replace(b'"repeat":1', b'"repeat":"1"'), "repeat"),
    "another spelling of a field": (PAYLOAD.replace(b'"payloadSha256"', b'"payload_sha256"'), "payloadSha256"),
    "a second spelling of a field": (
        PAYLOAD.replace(b'"payloadSha256"', b'"payload_sha256":"","payloadSha256"'),
        "two spellings",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_manifest_is_refused_with_its_reason(name):
    """Each kind of damage is a ManifestError that names it and says that nothing was used."""
    data, reason = REFUSED[name]

    with pytest.raises(ManifestError) as problem:
        m.read(data)

    assert reason in problem.value.message
    assert "Nothing" in problem.value.hint


def test_every_truncation_is_refused():
    """A manifest cut anywhere is a ManifestError and nothing else."""
    small = m.payload_bytes(samples.manifest(readings=[], findings=[], facts={}))

    for length in range(len(small)):
        with pytest.raises(ManifestError):
            m.read(small[:length])


@pytest.mark.parametrize("depth", [strict_json.DEPTH_LIMIT, 1000, 100_000])
@pytest.mark.parametrize("bracket", ["[]", '{"a":}'])
def test_deep_nesting_is_refused_and_not_a_crash(depth, bracket):
    """Nesting beyond the limit is refused at every depth, whatever this Python's recursion limit is."""
    head, tail = (bracket[:-1], bracket[-1])
    data = PAYLOAD.replace(NEEDLE, f'"value":{head * depth}1{tail * depth}}}'.encode())
    assert data != PAYLOAD

    with pytest.raises(ManifestError, match="nested"):
        m.read(data)


def test_nesting_up_to_the_limit_is_read():
    """The deepest value that is allowed is read and written back."""
    levels = strict_json.DEPTH_LIMIT - len(("statement", "predicate", "facts", "fact"))
    data = PAYLOAD.replace(NEEDLE, b'"value":' + b"[" * levels + b"1" + b"]" * levels + b"}")
    assert data != PAYLOAD

    assert m.payload_bytes(m.read(data)) == data
    with pytest.raises(ManifestError, match="nested"):
        m.read(data.replace(b"[1]", b"[[1]]"))


@pytest.mark.parametrize("path", ["top", "fact", "reading"])
def test_duplicate_keys_are_refused_everywhere(path):
    """A key that stands twice is refused at every depth, since readers disagree about which one counts."""
    needle, twice = {
        "top": (b'{"_type":', b'{"_type":"x","_type":'),
        "fact": (b'"host.name":', b'"host.name":{},"host.name":'),
        "reading": (b'"loss":', b'"loss":"0x0p+0","loss":'),
    }[path]

    with pytest.raises(ManifestError, match="twice"):
        m.read(PAYLOAD.replace(needle, twice, 1))


def test_a_manifest_over_the_limit_is_not_parsed():
    """One byte more than the limit is refused, the limit itself is read."""
    assert m.read(PAYLOAD, limit_bytes=len(PAYLOAD)) == samples.manifest()

    with pytest.raises(ManifestError, match="larger than the limit"):
        m.read(PAYLOAD, limit_bytes=len(PAYLOAD) - 1)


def test_a_message_never_carries_what_a_terminal_acts_on():
    """Escape sequences and endless text in a hostile manifest reach no message."""
    hostile = "\x1b[31m" + "A" * 10_000
    for data in (
        edited(predicateType=hostile),
        PAYLOAD.replace(b'"facts":{', b'"facts":{"\\u001b[31m' + b"B" * 10_000 + b'":1,'),
        f'{{"{"C" * 10_000}\\u001b":1,"{"C" * 10_000}\\u001b":2}}'.encode(),
    ):
        with pytest.raises(ManifestError) as problem:
            m.read(data)

        assert "\x1b" not in problem.value.message
        assert len(problem.value.message) < 1000


# --------------------------------------------------------------------------------------------- numbers and text


def payload(name):
    """A module of the payload: the other end of the format."""
    sys.path.insert(0, str(folder("checks").parent))
    try:
        return importlib.import_module(f"checks.{name}")
    finally:
        sys.path.pop(0)


def payload_encoding():
    """The payload's own encoder."""
    return payload("encode").portable


VALUES = {
    "nan": (float("nan"), "nan"),
    "infinity": (float("inf"), "inf"),
    "minus infinity": (float("-inf"), "-inf"),
    "minus zero": (-0.0, "-0x0.0p+0"),
    "a tenth": (0.1, "0x1.999999999999ap-4"),
    "smallest": (5e-324, "0x0.0000000000001p-1022"),
    "2^53 - 1": (2**53 - 1, 2**53 - 1),
    "2^53": (2**53, "0x20000000000000"),
    "-2^53": (-(2**53), "-0x20000000000000"),
    "a 64-bit seed": (2**64 - 1, "0xffffffffffffffff"),
    "text beyond the first plane": ("\U0001f600 \u2028 \x00", "\U0001f600 \u2028 \x00"),
    "a lone surrogate": ("\udcff", {"b64": "7bO/"}),
    "bytes": (b"\xff\x00", {"b64": "/wA="}),
}


@pytest.mark.parametrize("name", VALUES)
def test_each_encoding_is_written_and_read_back(name):
    """What RFC 8785 cannot carry travels in its own encoding, through the payload's encoder and a whole manifest."""
    measured, expected = VALUES[name]
    reading = Reading(check="a-b", process="main", values={"x": payload_encoding()(measured)})

    written = m.payload_bytes(samples.manifest(readings=[reading]))

    assert m.read(written).predicate.readings[0].values["x"] == expected


@given(st.floats(width=64))
def test_every_float_keeps_its_bits(number):
    """A float's text gives back the very bits (of a NaN only that it is one)."""
    text = payload_encoding()(number)
    again = float.fromhex(text)

    assert struct.pack("<d", again) == struct.pack("<d", number) or number != number  # noqa: PLR0124 -- NaN


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800"])
def test_what_canonical_json_cannot_carry_is_not_written(value):
    """A value that missed its encoding is a ManifestError, never silently rounded."""
    reading = Reading.model_construct(check="a-b", process="main", repeat=0, settings={}, values={"x": value})

    with pytest.raises(ManifestError, match="canonical JSON"):
        m.canonical(reading.values)


def test_minus_zero_as_a_number_is_written_as_zero():
    """The reason why measured floats are text: a plain -0.0 loses its sign."""
    assert m.canonical(-0.0) == b"0"


# --------------------------------------------------------------------------------------------------- subjects


def digests(facts):
    """Subject name to digest."""
    return {
        subject.name: subject.digest.sha256 for subject in statement(samples.manifest(facts=facts).predicate).subject
    }


BASE = digests(samples.facts())


def test_a_full_audit_has_both_subjects_first():
    """The two computed subjects stand before what the audit is about."""
    model = Subject(name="model.pt", digest=Digest(sha256="12" * 32))

    names = [subject.name for subject in samples.manifest(about=[model]).subject]

    assert names == ["software-environment", "machine", "model.pt"]


def test_the_digest_is_that_of_the_documented_document():
    """The software digest can be computed from the documentation alone, with another JSON writer."""
    import hashlib

    facts = samples.facts()
    entries = {}
    for key in profiles.SOFTWARE_PROFILE_V1:
        entries[key] = {"state": facts[key].state}
        if facts[key].state == "value":
            entries[key]["value"] = facts[key].value
    text = json.dumps({"facts": entries, "profile": "software-environment/v1"}, sort_keys=True, separators=(",", ":"))

    assert hashlib.sha256(text.encode()).hexdigest() == BASE["software-environment"]


UNMOVED = {
    "load": {"host.load": Fact(state="value", role="volatile", value=["0x1.8p+3"], source="/proc/loadavg")},
    "time": {"host.time": Fact(state="value", role="volatile", value="2031-01-01T00:00:00Z")},
    "host name": {"host.name": Fact(state="value", role="identity", value="node-8")},
    "install path": {"python.executable": Fact(state="value", role="identity", value="/home/b/.venv/bin/python")},
    "new software fact": {"torch.new": Fact(state="value", role="software", value="x")},
    "new machine fact": {"host.cpu.new": Fact(state="value", role="machine", value="x")},
}


@pytest.mark.parametrize("name", UNMOVED)
def test_what_is_outside_the_profiles_moves_no_digest(name):
    """Time, load, host name, install path and new facts leave both digests alone."""
    assert digests(samples.facts() | UNMOVED[name]) == BASE


def test_order_moves_no_digest():
    """Neither the order of facts nor that of a map's entries moves a digest."""
    facts = dict(reversed(samples.facts().items()))
    distributions = dict(reversed(facts["python.distributions"].value.items()))
    facts["python.distributions"] = facts["python.distributions"].model_copy(update={"value": distributions})

    assert digests(facts) == BASE


@pytest.mark.parametrize("key", [*profiles.SOFTWARE_PROFILE_V1, *profiles.MACHINE_PROFILE_V1])
def test_source_and_reason_move_no_digest_and_the_value_does(key):
    """Of each key its state and value enter, and nothing else."""
    facts = samples.facts()
    own = "software-environment" if facts[key].role == "software" else "machine"
    worded = facts[key].model_copy(update={"source": "C:/elsewhere", "reason": "other words"})
    unknown = Fact(state="unknown", role=facts[key].role, reason="x")
    changed = Fact(state="value", role=facts[key].role, value="changed")

    assert digests(facts | {key: worded}) == BASE
    for other in (unknown, changed):
        moved = digests(facts | {key: other})
        assert moved[own] != BASE[own]
        assert len([name for name in moved if moved[name] != BASE[name]]) == 1


def test_every_profile_key_is_a_fact_of_that_role():
    """The payload declares each key of the profiles, with the profile's role: else no audit would have the subject."""
    declared = {}
    for name in ("host", "python", "numpy", "torch", "tensorflow", "jax"):
        declared |= {key: entry.role for key, entry in payload(f"facts.{name}").KEYS.items()}

    for _, _, role, keys in profiles.PROFILES:
        assert {key: declared.get(key) for key in keys} == dict.fromkeys(keys, role)


def test_a_partial_probe_has_no_such_subject():
    """A key that is missing altogether means that the profile cannot be given; the other one still is."""
    facts = samples.facts()
    del facts[profiles.MACHINE_PROFILE_V1[0]]

    assert list(digests(facts)) == ["software-environment"]
    assert digests({}) == {}


def test_a_key_of_another_role_is_not_the_profile_s():
    """A volatile fact cannot pose as a profile's fact."""
    facts = samples.facts()
    key = profiles.SOFTWARE_PROFILE_V1[0]
    facts[key] = facts[key].model_copy(update={"role": "volatile"})

    assert list(digests(facts)) == ["machine"]


def problems(change):
    """What is wrong with the sample's subjects after `change` was applied to the parsed payload."""
    document = json.loads(PAYLOAD)
    change(document)
    return profiles.subject_problems(document)


def test_recomputing_finds_every_lie_about_the_subjects():
    """A changed digest, fact, order or name, a missing subject and a second one of a reserved name are told."""
    assert problems(dict.copy) == []
    assert problems(lambda document: document["subject"].reverse())
    assert problems(lambda document: document["subject"].pop())
    assert problems(lambda document: document["subject"].clear())
    assert problems(lambda document: document["subject"].append(document["subject"][0]))
    assert problems(lambda document: document["subject"][0]["digest"].update(sha256="0" * 64))
    assert problems(lambda document: document["predicate"]["facts"]["python.version"].update(value="3.11.8"))
    assert problems(lambda document: document["predicate"]["facts"].pop("python.version"))
    assert problems(lambda document: document["predicate"]["facts"]["host.load"].update(value=[])) == []


def test_a_subject_s_digest_is_a_sha256_or_a_commit():
    """Either is written without the other; an empty, a null, a short and an unknown one are refused."""
    commit = Subject(name="git:main", digest=Digest(git_commit="ab" * 20))
    written = m.payload_bytes(samples.manifest(about=[commit]))
    assert b'{"digest":{"gitCommit":"' + b"ab" * 20 + b'"},"name":"git:main"}' in written
    assert m.read(written).subject[-1] == commit

    for digest in ("{}", '{"gitCommit":null}', '{"sha256":"00"}', '{"gitCommit":"abc"}', '{"md5":"00"}'):
        changed = written.replace(b'{"gitCommit":"' + b"ab" * 20 + b'"}', digest.encode())
        assert changed != written
        with pytest.raises(ManifestError, match="subject"):
            m.read(changed)


def test_a_reserved_subject_name_cannot_be_taken():
    """A user cannot name what the audit is about like a computed digest."""
    with pytest.raises(ManifestError, match="reserved"):
        statement(samples.predicate(), [Subject(name="machine", digest=Digest(sha256="0" * 64))])


# ----------------------------------------------------------------------------------------------------- schema


def test_the_shipped_schema_is_what_the_models_give():
    """The JSON Schema in reports/ is generated, and up to date."""
    from auditor.manifest import schema

    shipped = folder("reports") / "schema" / schema.FILE_NAME

    assert shipped.read_text(encoding="utf-8") == schema.schema_text()


def test_the_schema_accepts_a_real_manifest_and_envelope_and_refuses_others():
    """The schema says the same as the reader."""
    import jsonschema

    from auditor.manifest import schema
    from auditor.signing import envelope
    from auditor.signing.ed25519 import Ed25519Signer

    document = json.loads(schema.schema_text())
    jsonschema.Draft202012Validator.check_schema(document)
    statements = jsonschema.Draft202012Validator(document)
    envelopes = jsonschema.Draft202012Validator({**document["$defs"]["Envelope"], "$defs": document["$defs"]})
    signed = json.loads(envelope.write(envelope.sign(PAYLOAD, Ed25519Signer.generate())))

    statements.validate(json.loads(PAYLOAD))
    statements.validate(json.loads(edited(extra=1)))
    envelopes.validate(signed)
    assert not statements.is_valid(signed)
    assert not envelopes.is_valid(json.loads(PAYLOAD))
    for name in (
        "unknown state",
        "unknown outcome",
        "wrong kind",
        "missing field",
        "other version",
        "text for an integer",
    ):
        assert not statements.is_valid(json.loads(REFUSED[name][0])), name
