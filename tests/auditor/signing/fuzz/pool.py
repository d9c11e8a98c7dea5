"""What mutants are made of: good envelopes of each kind of key, and what an attacker has."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from auditor.signing import envelope, file_list, ssh, sshsig
from auditor.signing.ecdsa_p256 import EcdsaP256Signer
from auditor.signing.ed25519 import Ed25519Signer


class MemorySshSigner:
    """An SSH key in memory, so that a fuzzing run starts no process; the form is that of ssh-keygen."""

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key
        self._blob = sshsig.string(b"ssh-ed25519") + sshsig.string(key.public_key().public_bytes_raw())

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        return self.verifier().keyid

    def verifier(self) -> ssh.SshVerifier:
        """The public key."""
        return ssh.SshVerifier.from_blob(self._blob, "pool")

    def sign(self, message: bytes) -> bytes:
        """The binary OpenSSH signature."""
        empty = sshsig.SshSignature(self._blob, ssh.NAMESPACE.encode(), b"", b"sha512", b"ssh-ed25519", b"")
        signature = self._key.sign(empty.signed_bytes(message))
        return sshsig.write(
            sshsig.SshSignature(self._blob, ssh.NAMESPACE.encode(), b"", b"sha512", b"ssh-ed25519", signature)
        )


def seeded(name: str) -> bytes:
    """32 bytes that are the same in every run."""
    return hashlib.sha256(name.encode()).digest()


def edwards(name: str) -> ed25519.Ed25519PrivateKey:
    """An Ed25519 key that is the same in every run."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seeded(name))


def p256(name: str) -> EcdsaP256Signer:
    """An ECDSA key that is the same in every run."""
    return EcdsaP256Signer(ec.derive_private_key(int.from_bytes(seeded(name), "big") >> 1, ec.SECP256R1()))


TRUSTED = [Ed25519Signer(edwards("trusted")), p256("trusted"), MemorySshSigner(edwards("trusted ssh"))]
ATTACKERS = [Ed25519Signer(edwards("attacker")), p256("attacker"), MemorySshSigner(edwards("attacker ssh"))]
VERIFIERS = [signer.verifier() for signer in TRUSTED]

SIGNED = (
    b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"findings":[]},"predicateType":"x","subject":[]}',
    file_list.payload({"report.md": b"text", "specs/Dockerfile": b"FROM"}, b"{}", "1"),
    b"{}",
)
"""The payloads that trusted keys signed."""
FORGED = (b'{"findings":"all passed"}', b"", b"[]", SIGNED[0].replace(b"[]", b"[1]"))
"""Payloads that nobody trusted signed."""

GOOD = [envelope.write(envelope.sign(payload, signer)) for payload in SIGNED for signer in TRUSTED]
GOOD.append(envelope.write(envelope.add_signature(envelope.sign(SIGNED[0], TRUSTED[0]), TRUSTED[1])))
TYPES = (envelope.PAYLOAD_TYPE, "", "application/json", "application/vnd.in-toto+json ", "text/plain")


def signatures(payload: bytes, payload_type: str) -> list[dict[str, str]]:
    """What an attacker can put beside a payload: own signatures under own and trusted ids, and old ones of others."""
    writable = payload_type.encode("utf-8", "replace").decode("utf-8")
    message = envelope.pre_authentication_encoding(writable, payload)
    found = [{"keyid": signer.keyid, "sig": text(signer.sign(message))} for signer in ATTACKERS]
    found += [{"keyid": victim.keyid, "sig": one["sig"]} for victim, one in zip(TRUSTED, found, strict=True)]
    found += [{"keyid": victim.keyid, "sig": ""} for victim in TRUSTED]
    return found


def text(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()
