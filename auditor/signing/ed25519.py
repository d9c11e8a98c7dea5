"""Ed25519 keys (RFC 8032): private as PKCS #8 PEM, public as SubjectPublicKeyInfo PEM."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import KeyFileError
from . import pem as pem_files
from .pem import PASSPHRASE_VARIABLE, WANTED, passphrase, read_key_file
from .points import has_small_order

__all__ = ["PASSPHRASE_VARIABLE", "RAW_KEY_BYTES", "Ed25519Signer", "Ed25519Verifier", "load_signer", "load_verifier"]

RAW_KEY_BYTES = 32


class Ed25519Verifier:
    """A public key."""

    kind = "Ed25519"

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @cached_property
    def keyid(self) -> str:
        """The sha256 (hex) of the DER SubjectPublicKeyInfo."""
        return pem_files.keyid_of(self._key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over exactly this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def is_only_form(self, signature: bytes) -> bool:
        """Whether no other bytes are the same signature: always, since S is checked to be below the group's order."""
        del signature
        return True

    def public_pem(self) -> bytes:
        """The key as PEM."""
        return pem_files.spki(self._key)

    def public_file(self) -> bytes:
        """The bytes of its file: PEM."""
        return self.public_pem()

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> Ed25519Verifier:
        """The public key in a PEM text; `name` names its origin in messages. Raises KeyFileError."""
        key = pem_files.public_key(pem, name)
        if not isinstance(key, Ed25519PublicKey):
            raise pem_files.other_kind(name)
        return cls(sound(key, name))

    @classmethod
    def from_hex(cls, text: str, name: str) -> Ed25519Verifier:
        """The public key in 64 hex digits (its 32 raw bytes). Raises KeyFileError."""
        try:
            raw = bytes.fromhex(text)
        except ValueError as problem:
            raise KeyFileError(f"{name} holds a key that is not hexadecimal", WANTED) from problem
        if len(raw) != RAW_KEY_BYTES:
            raise KeyFileError(f"{name} holds a key of {len(raw)} bytes; Ed25519 keys have {RAW_KEY_BYTES}", WANTED)
        return cls(sound(Ed25519PublicKey.from_public_bytes(raw), name))


def sound(key: Ed25519PublicKey, name: str) -> Ed25519PublicKey:
    """The same key. Raises KeyFileError for one of small order, under which anyone can sign."""
    if has_small_order(key.public_bytes_raw()):
        raise KeyFileError(f"{name} holds a key of small order, under which anyone can sign", WANTED)
    return key


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
        return pem_files.pkcs8(self._key, passphrase)

    @classmethod
    def from_pem(cls, pem: bytes, name: str, passphrase: bytes = b"") -> Ed25519Signer:
        """The private key in a PEM text. Raises KeyFileError."""
        key = pem_files.private_key(pem, name, passphrase)
        if not isinstance(key, Ed25519PrivateKey):
            raise pem_files.other_kind(name)
        return cls(key)


def load_signer(path: Path) -> Ed25519Signer:
    """The private key in a file, which must be an Ed25519 key: the machine's own. Raises KeyFileError."""
    return Ed25519Signer.from_pem(read_key_file(path), str(path), passphrase())


def load_verifier(path: Path) -> Ed25519Verifier:
    """The public key in a file, which must be an Ed25519 key. Raises KeyFileError."""
    return Ed25519Verifier.from_pem(read_key_file(path), str(path))
