"""Whose signature counts: named keys, trust files, the local identity, and the key that lies beside."""

import pytest
import samples
from cryptography.hazmat.primitives import serialization

from auditor.errors import AuditorError, KeyFileError, ManifestError, SignatureError, UsageError
from auditor.manifest import models
from auditor.signing import envelope, local, trust
from auditor.signing.ed25519 import RAW_KEY_BYTES, Ed25519Signer

SIGNER = Ed25519Signer.generate()
OTHER = Ed25519Signer.generate()
PAYLOAD = models.payload_bytes(samples.manifest())


@pytest.fixture
def audit(tmp_path):
    """A folder with an envelope, its payload and its key."""
    folder = tmp_path / "audit"
    folder.mkdir()
    (folder / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(PAYLOAD, SIGNER)))
    (folder / "manifest.json").write_bytes(PAYLOAD)
    (folder / "signer.pub").write_bytes(SIGNER.verifier().public_pem())
    return folder


def key_file(path, signer):
    """A public key's file."""
    path.write_bytes(signer.verifier().public_pem())
    return path


def raw_hex(signer):
    """The 32 raw bytes of a public key in hex."""
    public = serialization.load_pem_public_key(signer.verifier().public_pem())
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    assert len(raw) == RAW_KEY_BYTES
    return raw.hex()


def trusted(*signers):
    """Trusted keys of these signers."""
    return [trust.TrustedKey(signer.verifier(), "test") for signer in signers]


def test_a_trusted_key_makes_it_trusted(audit):
    """The envelope, and the folder that holds it, open with the key and the reason for trusting it."""
    for path in (audit, audit / "manifest.dsse.json"):
        opened = trust.open_manifest(path, trusted(OTHER, SIGNER))

        assert (opened.standing, opened.origin, opened.keyids) == ("trusted", "test", (SIGNER.keyid,))
        assert opened.payload == PAYLOAD
        assert opened.manifest() == samples.manifest()
        assert trust.require_trusted(opened) is opened


def test_with_only_its_own_key_beside_it_is_intact(audit):
    """Without trust, and with trust in somebody else, the key beside it proves integrity alone."""
    for keys in ([], trusted(OTHER)):
        opened = trust.open_manifest(audit, keys)

        assert (opened.standing, opened.origin, opened.keyids) == ("intact", "", (SIGNER.keyid,))
        with pytest.raises(SignatureError, match="not trusted"):
            trust.require_trusted(opened)


def test_without_any_key_nothing_is_opened(audit):
    """No trusted key and none beside it: nothing was verified, so nothing is used."""
    (audit / "signer.pub").unlink()

    with pytest.raises(SignatureError, match="no key was given to verify"):
        trust.open_manifest(audit)
    with pytest.raises(SignatureError, match="no signature verifies"):
        trust.open_manifest(audit, trusted(OTHER))


def test_a_replaced_pair_of_envelope_and_key_is_not_trusted(audit):
    """Whoever replaces both gets no more than `intact`, whatever the key id claims."""
    forged = envelope.sign(PAYLOAD.replace(b"pass", b"fail"), OTHER)
    lying = envelope.Envelope(
        forged.payload, forged.payload_type, (envelope.Signature(forged.signatures[0].sig, SIGNER.keyid),)
    )
    (audit / "manifest.dsse.json").write_bytes(envelope.write(lying))
    key_file(audit / "signer.pub", OTHER)

    opened = trust.open_manifest(audit, trusted(SIGNER))

    assert (opened.standing, opened.keyids) == ("intact", (OTHER.keyid,))


def test_two_signatures_of_which_one_is_trusted(audit):
    """One trusted signature is enough; the trusted key is named first, the other after it."""
    two = envelope.add_signature(envelope.sign(PAYLOAD, SIGNER), OTHER)
    (audit / "manifest.dsse.json").write_bytes(envelope.write(two))

    opened = trust.open_manifest(audit, trusted(OTHER))

    assert (opened.standing, opened.keyids) == ("trusted", (OTHER.keyid, SIGNER.keyid))


def test_a_bare_manifest_is_unsigned(audit):
    """A payload without an envelope opens as unsigned, and is refused where a signature is needed."""
    (audit / "manifest.dsse.json").unlink()
    for path in (audit, audit / "manifest.json"):
        opened = trust.open_manifest(path, trusted(SIGNER))

        assert (opened.standing, opened.keyids) == ("unsigned", ())
        with pytest.raises(SignatureError, match="UNSIGNED"):
            trust.require_trusted(opened)


def test_a_bare_manifest_in_the_envelope_s_place_is_unsigned(audit):
    """Putting the payload where the envelope belongs does not make it signed."""
    (audit / "manifest.dsse.json").write_bytes(PAYLOAD)

    assert trust.open_manifest(audit, trusted(SIGNER)).standing == "unsigned"


def test_a_broken_key_beside_it_counts_as_none(audit):
    """A damaged `signer.pub` neither helps nor hinders a trusted key."""
    (audit / "signer.pub").write_bytes(b"damaged")

    assert trust.open_manifest(audit, trusted(SIGNER)).standing == "trusted"
    with pytest.raises(SignatureError):
        trust.open_manifest(audit)


def test_what_is_no_manifest_has_its_own_error(audit, tmp_path):
    """Another folder is a usage error, a damaged or oversized file a manifest error, a missing one is not readable."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="not an audit folder"):
        trust.open_manifest(tmp_path / "empty")
    with pytest.raises(AuditorError, match="cannot be read"):
        trust.open_manifest(tmp_path / "none")
    with pytest.raises(ManifestError, match="larger than the limit"):
        trust.open_manifest(audit, trusted(SIGNER), limit_bytes=100)
    (audit / "manifest.dsse.json").write_bytes(b"{")
    with pytest.raises(ManifestError, match="truncated"):
        trust.open_manifest(audit, trusted(SIGNER))


# ---------------------------------------------------------------------------------------------------- trust files


def keyids(path):
    """The key ids in a trust file, and where each came from."""
    return [(key.verifier.keyid, key.origin.rpartition(", ")[2]) for key in trust.trusted_keys([], path)]


def test_named_keys_are_trusted_with_their_option(tmp_path):
    """`--key` may be given several times, and is the reason that is printed."""
    one, two = key_file(tmp_path / "a.pub", SIGNER), key_file(tmp_path / "b.pub", OTHER)

    found = trust.trusted_keys([one, two])

    assert [key.verifier.keyid for key in found] == [SIGNER.keyid, OTHER.keyid]
    assert found[0].origin == f"--key {one}"


def test_a_trust_file_of_pem_blocks(tmp_path):
    """One public key, or several one after the other with remarks between."""
    path = tmp_path / "trust.pem"
    path.write_bytes(
        b"the build machine\n" + SIGNER.verifier().public_pem() + b"\nnight\n" + OTHER.verifier().public_pem()
    )

    assert keyids(path) == [(SIGNER.keyid, "key 1"), (OTHER.keyid, "key 2")]


def test_a_trust_file_of_lines(tmp_path):
    """Remarks, empty lines, hexadecimal keys and key files relative to the trust file."""
    (tmp_path / "keys").mkdir()
    key_file(tmp_path / "keys" / "b.pub", OTHER)
    path = tmp_path / "trusted.txt"
    path.write_text(f"# who may sign\n\n  ed25519:{raw_hex(SIGNER)}  \r\nkeys/b.pub\n")

    assert keyids(path) == [(SIGNER.keyid, "line 3"), (OTHER.keyid, "line 4")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "names no key"),
        (b"# nobody\n", "names no key"),
        (b"ed25519:00", "1 bytes"),
        (b"ed25519:xyz", "hexadecimal"),
        (b"missing.pub", "cannot be read"),
        (b"\xff\xfe", "UTF-8"),
        (SIGNER.private_pem(), "whole public keys"),
        (SIGNER.verifier().public_pem()[:-10], "whole public keys"),
        (SIGNER.verifier().public_pem() + SIGNER.private_pem() + SIGNER.verifier().public_pem(), "whole public keys"),
        (SIGNER.verifier().public_pem() + SIGNER.verifier().public_pem()[:-10], "whole public keys"),
        (SIGNER.verifier().public_pem() + b"ed25519:" + b"00" * 32, "whole public keys"),
    ],
)
def test_a_wrong_trust_file_trusts_nobody(tmp_path, content, told):
    """One wrong entry refuses the whole file: a silent gap would look like distrust of a signer."""
    path = tmp_path / "trust"
    path.write_bytes(content)

    with pytest.raises(KeyFileError, match=told):
        trust.trusted_keys([], path)


def test_the_machine_s_own_key_is_offered_apart(tmp_path, monkeypatch):
    """The local identity is never among the named keys, and is not made by looking for it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert trust.own_key() == []
    assert not (tmp_path / "auditor").exists()

    own = local.identity()
    assert [(key.verifier.keyid, key.origin) for key in trust.own_key()] == [(own.keyid, "this machine's own key")]
    assert trust.trusted_keys([]) == []


def test_a_limited_key_counts_at_the_time_of_its_signature(audit):
    """A key that is no longer valid counts for a signature that is proven to be older, and for no other."""
    from datetime import datetime, timezone

    year = {number: datetime(number, 1, 1, tzinfo=timezone.utc) for number in (2019, 2020, 2021)}
    limited = trust.TrustedKey(SIGNER.verifier(), "test", "alice", year[2019], year[2020])
    sig = envelope.read((audit / "manifest.dsse.json").read_bytes()).signatures[0].sig

    within = trust.open_manifest(audit, [limited], times={sig: datetime(2019, 6, 1, tzinfo=timezone.utc)})
    assert ("trusted", (limited,)) == (within.standing, within.signers)
    for times in ({}, {sig: year[2020]}, {sig: year[2021]}, {b"another": year[2019]}):
        with pytest.raises(SignatureError, match="does not count at this time"):
            trust.open_manifest(audit, [limited], times=times)
