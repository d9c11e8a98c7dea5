"""Attacks on envelopes, folders and trust: each is refused, or changes nothing of what is believed."""

import base64
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import samples
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditor import cli
from auditor.errors import KeyFileError, ManifestError, SignatureError
from auditor.manifest import models
from auditor.manifest.models import Digest, Run, Subject
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.output.examined import examine
from auditor.signing import allowed_signers, envelope, keys, pem, points, sshsig, trust_file
from auditor.signing.ecdsa_p256 import EcdsaP256Signer
from auditor.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from auditor.signing.trusted_key import TrustedKey

SIGNER = Ed25519Signer.generate()
P256 = EcdsaP256Signer.generate()
STRANGER = Ed25519Signer.generate()
PAYLOAD = models.payload_bytes(samples.manifest())
GOOD = envelope.write(envelope.sign(PAYLOAD, SIGNER))
FORGED = PAYLOAD.replace(b'"fail"', b'"pass"')
VERIFIERS = [SIGNER.verifier(), P256.verifier()]


def b64(data):
    """Standard base64, as text."""
    return base64.b64encode(data).decode()


def verified(data):
    """The payload that the trusted keys verify in these bytes; None where it is refused with one of our errors."""
    try:
        return envelope.verify(data, VERIFIERS).payload
    except (ManifestError, SignatureError):
        return None


def changed(**changes):
    """The good envelope with fields replaced, as bytes."""
    return json.dumps({**json.loads(GOOD), **changes}).encode()


def signatures(*entries):
    """The good envelope with these entries of `signatures` before its own."""
    return changed(signatures=[*entries, *json.loads(GOOD)["signatures"]])


OWN = json.loads(GOOD)["signatures"][0]
TWICE = GOOD.replace(b'{"payload":', b'{"payload":"%b","payload":' % b64(FORGED).encode(), 1)
ESCAPED = GOOD.replace(b'{"payload":', b'{"payloa\\u0064":"%b","payload":' % b64(FORGED).encode(), 1)
REFUSED = {
    "another payload": changed(payload=b64(FORGED)),
    "another type": changed(payloadType="application/json"),
    "a type in other letters": changed(payloadType="Application/vnd.in-toto+json"),
    "a type with an invisible character": changed(payloadType="application/vnd.in-toto+json\u200b"),
    "a type with a look-alike letter": changed(payloadType="application/vnd.in-t\u043eto+json"),
    "bytes moved from the payload to the type": changed(
        payloadType=f"application/vnd.in-toto+json {len(PAYLOAD)} {{", payload=b64(PAYLOAD[1:])
    ),
    "a repeated key": TWICE,
    "a repeated key, once escaped": ESCAPED,
    "a look-alike of the payload's name": GOOD.replace(b'"payload":', '"payl\u043ead":'.encode(), 1),
    "no signature": changed(signatures=[]),
    "an empty signature": changed(signatures=[{"keyid": SIGNER.keyid, "sig": ""}]),
    "a foreign signature under our key id": changed(
        signatures=[{"keyid": SIGNER.keyid, "sig": b64(envelope.sign(PAYLOAD, STRANGER).signatures[0].sig)}]
    ),
    "a signature of another payload": changed(
        signatures=[{"sig": b64(envelope.sign(FORGED, SIGNER).signatures[0].sig)}]
    ),
    "a signature over the bare payload": changed(signatures=[{"sig": b64(SIGNER.sign(PAYLOAD))}]),
    "a signature over the base64 text": changed(signatures=[{"sig": b64(SIGNER.sign(b64(PAYLOAD).encode()))}]),
    "a signature in hexadecimal": changed(signatures=[{"sig": base64.b64decode(OWN["sig"]).hex()}]),
    "a signature of an older encoding": changed(
        signatures=[
            {"sig": b64(SIGNER.sign(b"DSSEv0 28 application/vnd.in-toto+json %d %b" % (len(PAYLOAD), PAYLOAD)))}
        ]
    ),
    "an algorithm of none": changed(signatures=[{"keyid": SIGNER.keyid, "sig": "", "alg": "none"}]),
    "too many signatures": changed(signatures=[OWN] * 65),
    "a list in place of a signature": changed(signatures=[[OWN["sig"]]]),
    "signatures as an object": changed(signatures=OWN),
    "base64 with a line break": changed(payload=b64(PAYLOAD)[:76] + "\n" + b64(PAYLOAD)[76:]),
    "base64 in mixed alphabets": changed(payload=b64(PAYLOAD) + "-_+/"),
    "an envelope in an envelope": changed(payload=b64(GOOD)),
    "a list of envelopes": b"[" + GOOD + b"]",
    "two envelopes": GOOD + GOOD,
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "deep nesting": b'{"x":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge number": changed(x=0).replace(b'"x": 0', b'"x": ' + b"9" * 100_000),
    "a number that becomes infinite": changed(x=0).replace(b'"x": 0', b'"x": 1e999'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_attack_on_an_envelope_is_refused(name):
    """With one of our errors, whatever it is; nothing of it is returned."""
    assert PAYLOAD == verified(GOOD)
    assert REFUSED[name] != GOOD

    assert verified(REFUSED[name]) is None


HARMLESS = {
    "reordered keys": json.dumps(dict(reversed(json.loads(GOOD).items()))).encode(),
    "unknown fields": changed(alg="none", keyid=STRANGER.keyid, key=b64(STRANGER.verifier().public_pem())),
    "a wrong key id": changed(signatures=[{**OWN, "keyid": STRANGER.keyid}]),
    "the key id of a key of another kind": changed(signatures=[{**OWN, "keyid": P256.keyid}]),
    "an algorithm that the signature claims": changed(signatures=[{**OWN, "alg": "HS256", "kty": "oct"}]),
    "an empty signature more": signatures({"sig": ""}),
    "a foreign signature more": signatures({"sig": b64(envelope.sign(PAYLOAD, STRANGER).signatures[0].sig)}),
    "signatures of a stranger in our name": signatures(*[{"keyid": SIGNER.keyid, "sig": "AAAA"}] * 63),
    "the URL-safe alphabet": changed(payload=base64.urlsafe_b64encode(PAYLOAD).decode()),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_surrounds_a_good_signature_changes_nothing(name):
    """The signed payload, and no other, is what it verifies to; --strict refuses the other bytes."""
    assert PAYLOAD == verified(HARMLESS[name])

    with pytest.raises((ManifestError, SignatureError)):
        envelope.verify(HARMLESS[name], VERIFIERS, strict=True)


def test_a_public_key_is_no_shared_secret():
    """Algorithm confusion: an HMAC under the bytes of the public key, in each form, verifies with no kind of key."""
    message = envelope.pre_authentication_encoding(envelope.PAYLOAD_TYPE, PAYLOAD)
    for verifier in VERIFIERS:
        for secret in (verifier.public_pem(), verifier.keyid.encode(), bytes.fromhex(verifier.keyid)):
            for algorithm in (hashes.SHA256(), hashes.SHA512()):
                code = hmac.HMAC(secret, algorithm)
                code.update(message)
                forged = code.finalize()

                assert not any(one.verify(message, forged) for one in VERIFIERS)


def test_a_signature_of_one_kind_is_none_of_another():
    """Ed25519's under the P-256 key and the other way round; and ECDSA's zero and out-of-range numbers."""
    message = envelope.pre_authentication_encoding(envelope.PAYLOAD_TYPE, PAYLOAD)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    assert not P256.verifier().verify(message, SIGNER.sign(message))
    assert not SIGNER.verifier().verify(message, P256.sign(message))
    for r in (0, 1, order, order + 1, 2**256 - 1):
        for s in (0, 1, order, order + 1):
            assert not P256.verifier().verify(message, encode_dss_signature(r, s)), (r, s)


@pytest.mark.parametrize("point", sorted(points.SMALL_ORDER))
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_under_which_anyone_can_sign_is_refused(point, sign, tmp_path):
    """Points of small order, with either sign, in each form of a key: one signature fits many messages."""
    raw = point[:-1] + bytes([point[-1] | sign])
    public = Ed25519PublicKey.from_public_bytes(raw)
    blob = sshsig.string(b"ssh-ed25519") + sshsig.string(raw)
    for text in (f"ed25519:{raw.hex()}", pem.spki(public).decode(), f"ssh-ed25519 {b64(blob)}"):
        (tmp_path / "trust").write_text(text + "\n")

        with pytest.raises(KeyFileError, match="small order"):
            trust_file.trusted_keys(tmp_path / "trust")


def test_the_fault_that_refusing_small_order_mends():
    """Under the neutral point, a signature that nobody made verifies for any message."""
    neutral = Ed25519Verifier(Ed25519PublicKey.from_public_bytes(bytes([1, *[0] * 31])))
    signature = bytes([1, *[0] * 63])

    assert all(neutral.verify(bytes([one]), signature) for one in range(8))
    assert not any(SIGNER.verifier().verify(bytes([one]), signature) for one in range(8))


# ---------------------------------------------------------------------------------------------- manifests and folders


@pytest.fixture
def trusted():
    """Trust in the signer."""
    return [TrustedKey(SIGNER.verifier(), "test", "signer")]


@pytest.fixture
def folder(tmp_path):
    """A signed audit folder."""
    with Staging(tmp_path / "audit") as work:
        audit_folder.write_audit(work, samples.manifest(), SIGNER)
        return work.commit()


def signed(path, document):
    """An envelope of a trusted signer around any document."""
    path.write_bytes(envelope.write(envelope.sign(models.canonical(document), SIGNER)))
    return path


def test_a_manifest_of_a_newer_version_is_refused(tmp_path, trusted):
    """Nobody can judge what its fields mean; the message asks for a newer auditor."""
    for field, value in (
        ("predicateType", "urn:auditor:environment-audit:v0.2"),
        ("_type", "https://in-toto.io/Statement/v2"),
    ):
        report = examine(signed(tmp_path / "m.json", {**json.loads(PAYLOAD), field: value}), trusted)

        assert "refused" == report.verdict
        assert "newer auditor" in report.problems[0]


def test_a_swapped_subject_is_refused(tmp_path, trusted):
    """The digests of other facts over these, in either place, exchanged, absent, or again under a reserved name."""
    document = json.loads(PAYLOAD)
    software, machine = document["subject"]
    for subjects in (
        [machine, software],
        [{**software, "digest": machine["digest"]}, machine],
        [software],
        [],
        [software, machine, {"name": "machine", "digest": {"sha256": "0" * 64}}],
        [{**software, "digest": {**software["digest"], "gitCommit": "0" * 40}}, machine],
    ):
        report = examine(signed(tmp_path / "m.json", {**document, "subject": subjects}), trusted)

        assert "refused" == report.verdict, subjects
    assert "trusted" == examine(signed(tmp_path / "m.json", document), trusted).verdict


def test_an_old_green_manifest_is_told_by_its_age(folder, tmp_path):
    """It verifies for ever; --max-age refuses it, and one that claims to come from the future."""
    (tmp_path / "key.pub").write_bytes(SIGNER.verifier().public_pem())
    finished = datetime.strptime(samples.predicate().run.finished_on, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    days = (datetime.now(timezone.utc) - finished).days
    base = ["verify", "-q", str(folder), "--key", str(tmp_path / "key.pub")]

    assert 0 == cli.run(base)
    assert 0 == cli.run([*base, "--max-age", f"{days + 2}d"])
    assert 4 == cli.run([*base, "--max-age", f"{days - 1}d" if days else "0m"])
    assert 2 == cli.run([*base, "--max-age", "soon"])
    later = (datetime.now(timezone.utc) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = samples.predicate().run
    future = samples.manifest(run=Run(**{**run.model_dump(), "finished_on": later}))
    (tmp_path / "future.json").write_bytes(envelope.write(envelope.sign(models.payload_bytes(future), SIGNER)))
    assert 4 == cli.run(["verify", "-q", str(tmp_path / "future.json"), *base[3:], "--max-age", "30d"])


def test_a_manifest_of_another_commit_is_told_by_its_subject(tmp_path, monkeypatch):
    """--subject git:HEAD asks for the commit of the checkout, and a path for its digest."""
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    about = [Subject(name="git:HEAD", digest=Digest(git_commit=head))]
    manifest = models.payload_bytes(samples.manifest(about=about))
    (tmp_path / "m.json").write_bytes(envelope.write(envelope.sign(manifest, SIGNER)))
    (tmp_path / "key.pub").write_bytes(SIGNER.verifier().public_pem())
    words = ["verify", "-q", "m.json", "--key", "key.pub", "--subject"]

    assert 0 == cli.run([*words, "git:HEAD"])
    assert 4 == cli.run([*words, "key.pub"])
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "two"], check=True)
    assert 4 == cli.run([*words, "git:HEAD"])
    assert 2 == cli.run([*words, "nothing"])


def test_a_linked_folder_of_specifications_is_refused(folder, trusted, tmp_path):
    """The same files behind a symbolic link: what it points to can change after the verification."""
    shutil.move(folder / "specs", tmp_path / "elsewhere")
    (folder / "specs").symlink_to(tmp_path / "elsewhere")

    report = examine(folder, trusted)

    assert "refused" == report.verdict
    assert "extra" == report.folder.files["specs"]
    assert "missing" == report.folder.files["specs/Dockerfile"]


def test_a_list_that_leads_out_of_the_folder_is_refused(folder, trusted, tmp_path):
    """A signed list with `..` or an absolute path opens no file outside, even if the signer is trusted."""
    (tmp_path / "outside").write_bytes(b"x")
    document = json.loads(envelope.read((folder / "files.dsse.json").read_bytes()).payload)
    for name in ("../outside", str(tmp_path / "outside"), "specs/../../outside"):
        document["subject"][0]["name"] = name
        signed(folder / "files.dsse.json", document)

        report = examine(folder, trusted)

        assert "refused" == report.verdict
        assert "no plain path" in report.problems[0]


def test_a_file_that_never_ends_is_not_read_to_its_end(folder, trusted):
    """A link to /dev/zero in place of a file, of the envelope and of the list."""
    for name in ("report.md", "manifest.dsse.json", "files.dsse.json"):
        data = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/zero")

        assert "refused" == examine(folder, trusted).verdict
        (folder / name).unlink()
        (folder / name).write_bytes(data)
    assert "trusted" == examine(folder, trusted).verdict


# -------------------------------------------------------------------------------------------------------- trust files

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEMP4ikY7XFtCPeDyDkJXd4+KzLYT3Zu2nRGaeyQbT8P"
HOSTILE = {
    "quotes": '"' * 60_000,
    "unclosed quotes": 'a namespaces="' * 4_000,
    "commas": "a" + "," * 60_000,
    "stars": "*a" * 30_000 + f" {LINE}",
    "options": "a " + 'namespaces="x",' * 4_000 + f" {LINE}",
    "spaces": " " * 60_000,
    "names": "a" * 60_000 + ": x",
    "a number": "ed25519:" + "9" * 60_000,
    "a huge time": f'a valid-after="{"9" * 60_000}" {LINE}',
    "a path out of the folder": "../" * 5_000 + "etc/passwd",
    "a device": "/dev/zero",
    "a zero byte in a name": "keys/\0.pub",
    "itself": "trust",
    "too large": "# " + "x" * 70_000,
}


READABLE = {"stars", "options"}
"""Those that one of the readers can make sense of."""


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("read", [trust_file.trusted_keys, allowed_signers.trusted_keys, keys.load_verifiers])
def test_a_hostile_trust_file_is_refused(tmp_path, name, read):
    """With our error and without endless work; a list of patterns is matched without backtracking."""
    (tmp_path / "trust").write_text(HOSTILE[name])
    if name not in READABLE:
        with pytest.raises(KeyFileError):
            read(tmp_path / "trust")
        return
    try:
        found = read(tmp_path / "trust")
    except KeyFileError:
        return  # one of the three readers takes it

    assert not any(allowed_signers.names_match(key.name, "b" * 200) for key in found if isinstance(key, TrustedKey))


def test_a_named_key_does_not_vouch_for_another_owner():
    """What a signature or an envelope says about its owner is never read: names come from the user's file."""
    key = TrustedKey(SIGNER.verifier(), "test", "alice")

    assert "alice" == key.owner
    assert SIGNER.keyid == replace(key, name="").owner
