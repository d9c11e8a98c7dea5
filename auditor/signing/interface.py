"""The interfaces of keys: Signer for private keys, Verifier for public keys. Each kind has both in one file."""

from __future__ import annotations

from typing import Protocol


class Verifier(Protocol):
    """A public key."""

    @property
    def kind(self) -> str:
        """The kind of key, for people: `Ed25519`, `ECDSA P-256`, `SSH (ssh-ed25519)`."""
        ...

    @property
    def keyid(self) -> str:
        """The sha256 (hex) of the key's DER SubjectPublicKeyInfo."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over exactly this message."""
        ...

    def is_only_form(self, signature: bytes) -> bool:
        """Whether a signature that verifies is in the one form that auditor writes, for `--strict`."""
        ...

    def public_file(self) -> bytes:
        """The bytes of the public key's file: PEM (SubjectPublicKeyInfo) or a line of OpenSSH."""
        ...


class Signer(Protocol):
    """A private key, or an agent that holds one."""

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature over the message, as it stands in an envelope. Raises KeyFileError."""
        ...

    def verifier(self) -> Verifier:
        """The public key."""
        ...
