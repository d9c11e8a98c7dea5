"""Ed25519 keys (RFC 8032): private as PKCS #8 PEM, public as SubjectPublicKeyInfo PEM."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import KeyFileError

PASSPHRASE_VARIABLE = "AUDITOR_KEY_PASSPHRASE"  # noqa: S105 -- the variable's name, not a passphrase
KEY_FILE_LIMIT_BYTES = 64 * 1024
RAW_KEY_BYTES = 32


class Ed25519Verifier:
    """A public key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @cached_property
    def keyid(self) -> str:
        """The sha256 (hex) of the DER SubjectPublicKeyInfo."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self._key.public_bytes(serialization.Encoding.DER, form)).hexdigest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over exactly this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public_pem(self) -> bytes:
        """The key as PEM."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_bytes(serialization.Encoding.PEM, form)

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> Ed25519Verifier:
        """The public key in a PEM text; `name` names its origin in messages. Raises KeyFileError."""
        if b"PRIVATE KEY" in pem:
            raise KeyFileError(
                f"{name} holds a private key",
                "Nothing was verified. Name the public key (NAME.pub), and keep this file secret.",
            )
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise KeyFileError(f"{name} holds no public key in PEM form", WANTED) from problem
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFileError(f"{name} holds a key of another kind than Ed25519", WANTED)
        return cls(key)

    @classmethod
    def from_hex(cls, text: str, name: str) -> Ed25519Verifier:
        """The public key in 64 hex digits (its 32 raw bytes). Raises KeyFileError."""
        try:
            raw = bytes.fromhex(text)
        except ValueError as problem:
            raise KeyFileError(f"{name} holds a key that is not hexadecimal", WANTED) from problem
        if len(raw) != RAW_KEY_BYTES:
            raise KeyFileError(f"{name} holds a key of {len(raw)} bytes; Ed25519 keys have {RAW_KEY_BYTES}", WANTED)
        return cls(Ed25519PublicKey.from_public_bytes(raw))


class Ed25519Signer:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> Ed25519Signer:
        """A new key from the operating system's random numbers."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        return self.verifier().keyid

    def sign(self, message: bytes) -> bytes:
        """The raw signature (64 bytes) over the message."""
        return self._key.sign(message)

    def verifier(self) -> Ed25519Verifier:
        """The public key."""
        return Ed25519Verifier(self._key.public_key())

    def private_pem(self, passphrase: bytes = b"") -> bytes:
        """The key as PKCS #8 PEM, encrypted if there is a passphrase."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            encryption = serialization.BestAvailableEncryption(passphrase)
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)

    @classmethod
    def from_pem(cls, pem: bytes, name: str, passphrase: bytes = b"") -> Ed25519Signer:
        """The private key in a PEM text. Raises KeyFileError."""
        if b"PUBLIC KEY" in pem:
            raise KeyFileError(f"{name} holds a public key", "Nothing was signed. Name the private key (NAME.pem).")
        encrypted = b"ENCRYPTED" in pem
        if encrypted and not passphrase:
            raise KeyFileError(
                f"{name} is encrypted", f"Nothing was signed. Set {PASSPHRASE_VARIABLE} to its passphrase."
            )
        try:
            key = serialization.load_pem_private_key(pem, passphrase if encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
            told = (
                f"{name} cannot be decrypted with this passphrase"
                if encrypted
                else f"{name} holds no private key in PEM form"
            )
            raise KeyFileError(told, WANTED) from problem
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError(f"{name} holds a key of another kind than Ed25519", WANTED)
        return cls(key)


WANTED = "Nothing was signed or verified. Name an Ed25519 key in PEM form; `auditor keygen` creates a pair."


def passphrase() -> bytes:
    """The passphrase of private keys, from the environment; empty if there is none."""
    return os.environb.get(PASSPHRASE_VARIABLE.encode(), b"")


def load_signer(path: Path) -> Ed25519Signer:
    """The private key in a file. Raises KeyFileError."""
    return Ed25519Signer.from_pem(read_key_file(path), str(path), passphrase())


def load_verifier(path: Path) -> Ed25519Verifier:
    """The public key in a file. Raises KeyFileError."""
    return Ed25519Verifier.from_pem(read_key_file(path), str(path))


def read_key_file(path: Path) -> bytes:
    """The bytes of a key file, with a limit on its size. Raises KeyFileError."""
    try:
        with path.open("rb") as handle:
            data = handle.read(KEY_FILE_LIMIT_BYTES + 1)
    except OSError as problem:
        raise KeyFileError(f"{path} cannot be read: {problem.strerror or problem}", WANTED) from problem
    if len(data) > KEY_FILE_LIMIT_BYTES:
        raise KeyFileError(f"{path} is too large for a key file", WANTED)
    return data
