"""
OpenSSH keys: signed with by `ssh-keygen -Y sign` (files, ssh-agent), verified here.

The `sig` of an envelope is the binary form of an OpenSSH signature over the pre-authentication encoding, in a namespace
of its own, so that no signature for git or for a file is one for a manifest.
"""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ..errors import KeyFileError
from ..manifest.strict_json import shown
from . import pem, sshsig
from .curves import smaller_s
from .points import has_small_order

NAMESPACE = "auditor-dsse-v1"
PRIVATE_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
PRIVATE_END = b"-----END OPENSSH PRIVATE KEY-----"
PRIVATE_MAGIC = b"openssh-key-v1\0"
CURVES = {
    b"ecdsa-sha2-nistp256": hashes.SHA256(),
    b"ecdsa-sha2-nistp384": hashes.SHA384(),
    b"ecdsa-sha2-nistp521": hashes.SHA512(),
}
RSA_FORMS = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
RSA_LEAST_BITS = 2048
KINDS = (b"ssh-ed25519", *CURVES, b"ssh-rsa")
"""The kinds of key that count. Keys of security tokens (`sk-...`) and certificates do not."""
SIGN_SECONDS = 120.0
"""Time for `ssh-keygen -Y sign`, in which a person may type a passphrase or touch a token."""
NOT_SIGNED = "Nothing was signed."
ASKPASS = f"#!/bin/sh\nprintf '%s\\n' \"${pem.PASSPHRASE_VARIABLE}\"\n"


class SshVerifier:
    """A public key in a line of OpenSSH (`ssh-ed25519 AAAA...`)."""

    def __init__(
        self, key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey, blob: bytes
    ) -> None:
        self._key, self._blob = key, blob
        self.form = sshsig.Reader(blob).string()

    @property
    def kind(self) -> str:
        """`SSH` and OpenSSH's name of the algorithm."""
        return f"SSH ({self.form.decode('ascii', 'replace')})"

    @cached_property
    def keyid(self) -> str:
        """The sha256 (hex) of the DER SubjectPublicKeyInfo, as for the same key in PEM form."""
        return pem.keyid_of(self._key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the OpenSSH signature over exactly this message, in our namespace."""
        try:
            parsed = sshsig.parse(signature)
            if (parsed.public_key, parsed.namespace) != (self._blob, NAMESPACE.encode()):
                return False
            self._check(parsed, parsed.signed_bytes(message))
        except (ValueError, InvalidSignature):
            return False
        return True

    def is_only_form(self, signature: bytes) -> bool:
        """Whether it is the one form that auditor writes: ECDSA's with the smaller s."""
        return signature == self.only_form(signature)

    def public_file(self) -> bytes:
        """A line of OpenSSH, without a comment."""
        return self.form + b" " + base64.b64encode(self._blob) + b"\n"

    def only_form(self, signature: bytes) -> bytes:
        """The signature as auditor writes it. Raises ValueError for what cannot be read."""
        if not isinstance(self._key, ec.EllipticCurvePublicKey):
            return signature
        parsed = sshsig.parse(signature)
        reader = sshsig.Reader(parsed.blob)
        r, s = reader.integer(), smaller_s(reader.integer(), self._key.curve.name)
        return sshsig.write(replace(parsed, blob=b"".join(sshsig.string(sshsig.shortest(one)) for one in (r, s))))

    def _check(self, parsed: sshsig.SshSignature, signed: bytes) -> None:
        """Raise InvalidSignature or ValueError unless the key made the signature in a form of its own."""
        if isinstance(self._key, rsa.RSAPublicKey):
            if parsed.form not in RSA_FORMS:
                raise ValueError("a form of another kind of key, or with SHA-1")
            self._key.verify(parsed.blob, signed, padding.PKCS1v15(), RSA_FORMS[parsed.form])
        elif parsed.form != self.form:
            raise ValueError("a form of another kind of key")
        elif isinstance(self._key, ec.EllipticCurvePublicKey):
            reader = sshsig.Reader(parsed.blob)
            both = encode_dss_signature(reader.integer(), reader.integer())
            reader.end()
            self._key.verify(both, signed, ec.ECDSA(CURVES[self.form]))
        else:
            self._key.verify(parsed.blob, signed)

    @classmethod
    def from_line(cls, line: str, name: str) -> SshVerifier:
        """The key in a line `KIND BASE64 [COMMENT]`; `name` names its origin in messages. Raises KeyFileError."""
        words = line.split(None, 2)
        if len(words) < 2 or words[0].encode("utf-8", "replace") not in KINDS:
            kind = shown(words[0]) if words else "nothing"
            raise KeyFileError(
                f"{name} has {kind} where an OpenSSH key belongs",
                f"It was not trusted. Kinds that count: {', '.join(kind.decode() for kind in KINDS)}.",
            )
        try:
            blob = base64.b64decode(words[1], validate=True)
            key = serialization.load_ssh_public_key(" ".join(words[:2]).encode())
        except (ValueError, binascii.Error, UnsupportedAlgorithm) as problem:
            raise KeyFileError(f"{name} has an OpenSSH key that is damaged", pem.WANTED) from problem
        if isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_LEAST_BITS:
            raise KeyFileError(
                f"{name} has an RSA key of {key.key_size} bits; at least {RSA_LEAST_BITS} are needed", pem.WANTED
            )
        if not isinstance(key, (ed25519.Ed25519PublicKey, ec.EllipticCurvePublicKey, rsa.RSAPublicKey)):
            raise KeyFileError(f"{name} has an OpenSSH key of a kind that does not count", pem.WANTED)
        if isinstance(key, ed25519.Ed25519PublicKey) and has_small_order(key.public_bytes_raw()):
            raise KeyFileError(f"{name} has a key of small order, under which anyone can sign", pem.WANTED)
        return cls(key, blob)

    @classmethod
    def from_blob(cls, blob: bytes, name: str) -> SshVerifier:
        """The key in its wire format. Raises KeyFileError."""
        try:
            kind = sshsig.Reader(blob).string().decode("ascii")
        except ValueError as problem:
            raise KeyFileError(f"{name} holds an OpenSSH key that is damaged", pem.WANTED) from problem
        return cls.from_line(f"{kind} {base64.b64encode(blob).decode()}", name)


class SshSigner:
    """A private key in OpenSSH's form, or a public one whose private half ssh-agent holds."""

    def __init__(self, path: Path, verifier: SshVerifier) -> None:
        self._path, self._verifier = path, verifier

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        return self._verifier.keyid

    def verifier(self) -> SshVerifier:
        """The public key."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """The binary OpenSSH signature over the message. Raises KeyFileError."""
        try:
            signature = self._verifier.only_form(sshsig.unarmored(_ssh_keygen_sign(self._path, message)))
        except ValueError as problem:
            raise KeyFileError("ssh-keygen gave no signature that can be read", NOT_SIGNED) from problem
        if not self._verifier.verify(message, signature):
            raise KeyFileError(f"ssh-keygen signed with another key than the one in {self._path}", NOT_SIGNED)
        return signature

    @classmethod
    def from_file(cls, path: Path, data: bytes) -> SshSigner:
        """The key in a file: a private key, or a public key for ssh-agent. Raises KeyFileError."""
        if PRIVATE_BEGIN in data:
            return cls(path, SshVerifier.from_blob(_public_half(data, str(path)), str(path)))
        lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
        if len(lines) != 1:
            raise KeyFileError(f"{path} holds {len(lines)} keys", f"{NOT_SIGNED} Name a file with one key.")
        return cls(path, SshVerifier.from_line(lines[0], str(path)))


def is_ssh(data: bytes) -> bool:
    """Whether a key file is one of OpenSSH: a private key, or lines of public keys."""
    return PRIVATE_BEGIN in data or data.lstrip().startswith((b"ssh-", b"ecdsa-sha2-", b"sk-"))


def _public_half(data: bytes, name: str) -> bytes:
    """The public key in a private key's file, which is not encrypted. Source: PROTOCOL.key of OpenSSH."""
    inside = data.partition(PRIVATE_BEGIN)[2].partition(PRIVATE_END)[0]
    try:
        reader = sshsig.Reader(base64.b64decode(b"".join(inside.split()), validate=True))
        magic = reader.take(len(PRIVATE_MAGIC))
        reader.string(), reader.string(), reader.string()  # cipher, key derivation, its options
        count, key = reader.number(), reader.string()
    except (ValueError, binascii.Error) as problem:
        raise KeyFileError(f"{name} holds no private key of OpenSSH that can be read", pem.WANTED) from problem
    if magic != PRIVATE_MAGIC or count != 1:
        raise KeyFileError(f"{name} holds no single private key of OpenSSH", pem.WANTED)
    return key


def _ssh_keygen_sign(path: Path, message: bytes) -> bytes:
    """What `ssh-keygen -Y sign` prints. Raises KeyFileError."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise KeyFileError(
            "ssh-keygen is not installed", f"{NOT_SIGNED} Install OpenSSH, or sign with a key in PEM form."
        )
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        command = [program, "-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(path)]
        try:
            done = subprocess.run(
                command, input=message, capture_output=True, timeout=SIGN_SECONDS, check=False, env=_environment(folder)
            )
        except subprocess.TimeoutExpired as problem:
            raise KeyFileError(f"ssh-keygen did not sign within {SIGN_SECONDS:.0f} s", NOT_SIGNED) from problem
    if done.returncode:
        raise KeyFileError(
            f"ssh-keygen could not sign with {path}: {shown(done.stderr.decode('utf-8', 'replace').strip())}",
            f"{NOT_SIGNED} Set {pem.PASSPHRASE_VARIABLE} to its passphrase, or add the key to ssh-agent.",
        )
    return done.stdout


def _environment(folder: str) -> dict[str, str]:
    """Our environment; with a passphrase in it, ssh-keygen asks a script for it, never its command line."""
    if not pem.passphrase():
        return {**os.environ}
    script = Path(folder) / "askpass"
    script.write_text(ASKPASS, encoding="ascii")
    script.chmod(0o700)
    return {
        **os.environ,
        "SSH_ASKPASS": str(script),
        "SSH_ASKPASS_REQUIRE": "force",
        "DISPLAY": os.environ.get("DISPLAY", ":0"),
    }
