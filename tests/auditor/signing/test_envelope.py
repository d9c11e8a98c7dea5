"""DSSE envelopes: against another implementation, and against everything that is not what was signed."""

import base64
import json

import pytest
import samples
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib import dsse
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner

from auditor.errors import AuditorError, ManifestError, SignatureError
from auditor.manifest import models
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer, Ed25519Verifier

SIGNER = Ed25519Signer.generate()
OTHER = Ed25519Signer.generate()
VERIFIERS = [SIGNER.verifier()]
PAYLOAD = b'{"_type":"small","predicate":{"text":"\xc3\xa9"}}'
SIGNED = envelope.write(envelope.sign(PAYLOAD, SIGNER))


def edited(**changes):
    """The signed envelope with top-level fields replaced."""
    return json.dumps({**json.loads(SIGNED), **changes}).encode()


def with_signature(**changes):
    """The signed envelope with fields of its one signature replaced."""
    return edited(signatures=[{**json.loads(SIGNED)["signatures"][0], **changes}])


def accepted(data, verifiers=VERIFIERS, **options):
    """The payload that is accepted, or None."""
    try:
        return envelope.verify(data, verifiers, **options).payload
    except (ManifestError, SignatureError):
        return None


def test_the_encoding_is_that_of_the_specification():
    """The example of DSSE's protocol page gives its published bytes; lengths count bytes, not characters."""
    example = envelope.pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")

    assert example == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert envelope.pre_authentication_encoding("\u00e9", b"\x00 1") == b"DSSEv1 2 \xc3\xa9 3 \x00 1"


@given(st.text(), st.binary())
def test_the_encoding_agrees_with_securesystemslib(kind, payload):
    """Type and payload are encoded alike for any content."""
    try:
        kind.encode("utf-8")
    except UnicodeEncodeError:
        return

    assert envelope.pre_authentication_encoding(kind, payload) == dsse.Envelope(payload, kind, {}).pae()


def test_no_two_contents_share_an_encoding():
    """A byte moved from the type to the payload changes what is signed."""
    assert envelope.pre_authentication_encoding("a 1", b"b") != envelope.pre_authentication_encoding("a", b"1 b")


def test_securesystemslib_verifies_what_we_sign():
    """An envelope of ours is accepted by another implementation, with the same payload."""
    key = CryptoSigner(load_pem_private_key(SIGNER.private_pem(), None)).public_key
    theirs = dsse.Envelope.from_dict(with_their_keyid(json.loads(SIGNED), key.keyid))

    assert list(theirs.verify([key], 1)) == [key.keyid]
    assert theirs.payload == PAYLOAD

    theirs.payload += b" "
    with pytest.raises(VerificationError):
        theirs.verify([key], 1)


def with_their_keyid(document, keyid):
    """The other implementation finds keys by its own ids, which is why the hint is replaced (it is not signed)."""
    document["signatures"][0]["keyid"] = keyid
    return document


def test_we_verify_what_securesystemslib_signs():
    """An envelope made by another implementation is accepted here, and so are the bytes it writes."""
    signer = CryptoSigner(load_pem_private_key(SIGNER.private_pem(), None))
    theirs = dsse.Envelope(PAYLOAD, envelope.PAYLOAD_TYPE, {})
    theirs.sign(signer)

    verified = envelope.verify(json.dumps(theirs.to_dict()).encode(), VERIFIERS)

    assert (PAYLOAD, (SIGNER.keyid,)) == (verified.payload, verified.keyids)


def test_a_signature_of_another_key_is_refused():
    """The wrong key, no key, and no signature each have their own message."""
    with pytest.raises(SignatureError, match="no signature verifies"):
        envelope.verify(SIGNED, [OTHER.verifier()])
    with pytest.raises(SignatureError, match="no key was given to verify"):
        envelope.verify(SIGNED, [])
    with pytest.raises(SignatureError, match="has no signature"):
        envelope.verify(edited(signatures=[]), VERIFIERS)


def test_a_lying_key_id_changes_nothing():
    """The hint is never used: neither to accept another key's signature, nor to refuse the right one's."""
    lying = with_signature(keyid=OTHER.keyid)
    forged = json.loads(envelope.write(envelope.sign(PAYLOAD, OTHER)))
    forged["signatures"][0]["keyid"] = SIGNER.keyid

    assert envelope.verify(lying, VERIFIERS).keyids == (SIGNER.keyid,)
    assert accepted(json.dumps(forged).encode()) is None


@pytest.mark.parametrize("keyid", ["", None])
def test_a_missing_key_id_is_an_empty_one(keyid):
    """The key id is optional."""
    assert accepted(with_signature(keyid=keyid)) == PAYLOAD


def test_one_good_signature_among_others_is_enough():
    """Several signatures are allowed; each key that verifies one is named, in the order of the keys."""
    two = envelope.add_signature(envelope.sign(PAYLOAD, OTHER), SIGNER)
    data = envelope.write(two)

    assert envelope.verify(data, VERIFIERS).keyids == (SIGNER.keyid,)
    assert envelope.verify(data, [SIGNER.verifier(), OTHER.verifier()]).keyids == (SIGNER.keyid, OTHER.keyid)


def test_the_same_signature_is_not_added_twice():
    """Signing again with the same key leaves the envelope as it is."""
    once = envelope.sign(PAYLOAD, SIGNER)

    assert envelope.add_signature(once, SIGNER) == once


def test_the_number_of_signatures_is_limited():
    """An envelope cannot make a reader verify without end."""
    one = json.loads(SIGNED)["signatures"][0]

    assert accepted(edited(signatures=[one] * envelope.SIGNATURES_LIMIT)) == PAYLOAD
    with pytest.raises(ManifestError, match="more than"):
        envelope.read(edited(signatures=[one] * (envelope.SIGNATURES_LIMIT + 1)))


@pytest.mark.parametrize("other", ["application/json", "text/plain"])
def test_another_payload_type_is_refused_even_when_signed(other):
    """A genuine signature over another kind of document is no signature over a manifest, and gets no second one."""
    sig = SIGNER.sign(envelope.pre_authentication_encoding(other, PAYLOAD))
    genuine = envelope.write(envelope.Envelope(PAYLOAD, other, (envelope.Signature(sig),)))

    with pytest.raises(SignatureError, match=other):
        envelope.verify(genuine, VERIFIERS)
    with pytest.raises(ManifestError, match=other):
        envelope.add_signature(envelope.read(genuine), OTHER)
    assert accepted(edited(payloadType=other)) is None


VARIANTS = {
    "white space": json.dumps(json.loads(SIGNED), indent=2).encode(),
    "unknown field": edited(extra=[1]),
    "unknown field in a signature": with_signature(extra=None),
    "another order": json.dumps(dict(reversed(json.loads(SIGNED).items()))).encode(),
    "final newline": SIGNED + b"\n",
    "escaped letters": SIGNED.replace(b"payloadType", b"\\u0070ayloadType"),
    "another key id": with_signature(keyid="x"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_harmless_variants_are_accepted_and_refused_by_strict(name):
    """DSSE allows them; `--strict` takes only the bytes that we write."""
    data = VARIANTS[name]
    assert data != SIGNED

    assert accepted(data) == PAYLOAD
    assert accepted(data, strict=True) is None


def test_url_safe_base64_is_accepted_where_it_differs():
    """A payload whose two encodings differ is read in both."""
    payload = b"\xfb\xff\xfe??>>"
    standard = json.loads(envelope.write(envelope.sign(payload, SIGNER)))
    url_safe = {**standard, "payload": base64.urlsafe_b64encode(payload).decode()}
    assert standard["payload"] != url_safe["payload"]

    assert accepted(json.dumps(standard).encode()) == payload
    assert accepted(json.dumps(url_safe).encode()) == payload


def test_strict_refuses_a_payload_that_is_not_canonical():
    """We never sign such bytes, so no envelope that we would write holds them."""
    loose = envelope.write(envelope.sign(b'{"b": 1, "a": 2}', SIGNER))

    assert accepted(loose) is not None
    with pytest.raises(SignatureError, match="canonical"):
        envelope.verify(loose, VERIFIERS, strict=True)


REFUSED = {
    "empty": (b"", "truncated"),
    "list": (b"[]", "list"),
    "BOM": (b"\xef\xbb\xbf" + SIGNED, "byte order mark"),
    "UTF-16": (SIGNED.decode().encode("utf-16"), "UTF-8"),
    "twice the payload": (SIGNED.replace(b'{"payload":', b'{"payload":"","payload":', 1), "twice"),
    "twice a signature's field": (SIGNED.replace(b'{"keyid":', b'{"keyid":"","keyid":', 1), "twice"),
    "twice, escaped": (SIGNED.replace(b'{"payload":', b'{"\\u0070ayload":"","payload":', 1), "twice"),
    "twice an unknown field": (SIGNED.replace(b'{"payload":', b'{"x":1,"x":1,"payload":', 1), "twice"),
    "no payload": (b'{"payloadType":"x","signatures":[]}', "no payload"),
    "no type": (b'{"payload":"","signatures":[]}', "no payloadType"),
    "no signatures": (b'{"payload":"","payloadType":"x"}', "list of signatures"),
    "signatures of a wrong kind": (edited(signatures={}), "list of signatures"),
    "a signature of a wrong kind": (edited(signatures=["x"]), "not an object"),
    "a signature without sig": (edited(signatures=[{"keyid": "x"}]), "no sig"),
    "a key id of a wrong kind": (with_signature(keyid=3), "key id"),
    "payload of a wrong kind": (edited(payload=None), "no payload"),
    "not base64": (edited(payload="\u00e9"), "base64"),
    "white space in base64": (edited(payload="aGVs bG8="), "base64"),
    "newline in base64": (edited(payload="aGVs\nbG8="), "base64"),
    "missing padding": (edited(payload="aGVsbG8"), "base64"),
    "too much padding": (edited(payload="aGVsbG8=="), "base64"),
    "stray bits": (edited(payload="aGVsbG9="), "RFC 4648"),
    "mixed alphabets": (edited(payload="+_+_"), "base64"),
    "deep": (b'{"x":' + b"[" * 100_000, "nested"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_envelope_is_refused_with_its_reason(name):
    """Each kind of damage is a ManifestError that names it."""
    data, reason = REFUSED[name]

    with pytest.raises(ManifestError, match=reason):
        envelope.verify(data, VERIFIERS)


def test_the_size_is_limited_in_both_directions():
    """An envelope over the limit is neither read nor written."""
    assert accepted(SIGNED, limit_bytes=len(SIGNED)) == PAYLOAD

    with pytest.raises(ManifestError, match="larger than the limit"):
        envelope.verify(SIGNED, VERIFIERS, limit_bytes=len(SIGNED) - 1)
    with pytest.raises(ManifestError, match="readers accept"):
        envelope.write(envelope.sign(PAYLOAD, SIGNER), limit_bytes=len(SIGNED) - 1)


def test_no_flipped_byte_gives_another_payload():
    """Each byte of an envelope changed in each of its bits: refused, or the very payload that was signed."""
    for place in range(len(SIGNED)):
        for bit in range(8):
            changed = bytearray(SIGNED)
            changed[place] ^= 1 << bit
            assert accepted(bytes(changed)) in (None, PAYLOAD), (place, bit)


def test_no_deleted_or_inserted_byte_gives_another_payload():
    """Each byte removed, doubled or preceded by another: the same."""
    for place in range(len(SIGNED)):
        assert accepted(SIGNED[:place] + SIGNED[place + 1 :]) in (None, PAYLOAD), place
        for inserted in b'"\\ ,}A=\x00\xff' + SIGNED[place : place + 1]:
            assert accepted(SIGNED[:place] + bytes([inserted]) + SIGNED[place:]) in (None, PAYLOAD), place


def test_every_truncation_is_refused():
    """An envelope cut anywhere is refused, with one of our errors."""
    for length in range(len(SIGNED)):
        assert accepted(SIGNED[:length]) is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_edit_gives_another_payload(data):
    """Any splice of a realistic envelope with any bytes: refused with one of our errors, or the signed payload."""
    payload = models.payload_bytes(samples.manifest(readings=[], findings=[]))
    whole = envelope.write(envelope.sign(payload, SIGNER))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 200)))
    between = data.draw(st.one_of(st.binary(max_size=40), st.sampled_from([whole[:200], whole[-300:], b"[]", b"{}"])))

    assert accepted(whole[:start] + between + whole[end:]) in (None, payload)


def test_swapped_signatures_and_payloads_of_two_envelopes_are_refused():
    """A genuine signature does not move to another payload."""
    other = json.loads(envelope.write(envelope.sign(PAYLOAD + b" ", SIGNER)))

    assert accepted(edited(signatures=other["signatures"])) is None
    assert accepted(edited(payload=other["payload"])) is None


def test_strict_accepts_no_other_bytes_at_all():
    """Under strict, no changed byte anywhere is accepted, the unsigned key id included."""
    assert accepted(SIGNED, strict=True) == PAYLOAD

    for place in range(len(SIGNED)):
        for bit in range(8):
            changed = bytearray(SIGNED)
            changed[place] ^= 1 << bit
            assert accepted(bytes(changed), strict=True) is None, place


def test_strict_wants_every_signature_verified_and_in_order():
    """A foreign, a repeated and a false signature and another order are refused; who signed first does not matter."""
    both = [SIGNER.verifier(), OTHER.verifier()]
    data = envelope.write(envelope.add_signature(envelope.sign(PAYLOAD, SIGNER), OTHER))
    document = json.loads(data)
    repeated = {**document, "signatures": sorted(document["signatures"] * 2, key=lambda one: one["keyid"])}
    bad = [{**one, "sig": "AAAA"} if one["keyid"] == OTHER.keyid else one for one in document["signatures"]]
    reversed_order = {**document, "signatures": document["signatures"][::-1]}

    assert data == envelope.write(envelope.add_signature(envelope.sign(PAYLOAD, OTHER), SIGNER))
    assert accepted(data, both, strict=True) == PAYLOAD
    assert accepted(data, VERIFIERS, strict=True) is None
    assert accepted(models.canonical(reversed_order), both, strict=True) is None
    assert accepted(models.canonical(repeated), both, strict=True) is None
    assert accepted(models.canonical({**document, "signatures": bad}), both, strict=True) is None
    assert accepted(models.canonical(repeated), both) == PAYLOAD


def test_only_our_errors_leave_the_reader():
    """Whatever the bytes are, a reader of ours gives one of our errors: exit 5 with a defect's text never comes."""
    for data in (b"\xff", b"0", b'"x"', b"nul", b"[" * 10**6, b'{"payload":1e9999}', b"9" * 10**6):
        with pytest.raises(AuditorError):
            envelope.verify(data, VERIFIERS)


def test_a_verifier_takes_signatures_of_any_length():
    """A signature of a wrong length is a signature that does not verify."""
    for sig in (b"", b"\x00" * 63, b"\x00" * 64, b"\x00" * 65, b"\x00" * 10_000):
        assert not Ed25519Verifier.from_pem(SIGNER.verifier().public_pem(), "test").verify(b"message", sig)
