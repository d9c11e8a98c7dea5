"""The interfaces of keys: Signer for private keys, Verifier for public keys."""

from __future__ import annotations

from typing import Protocol


class Verifier(Protocol):
    """A public key."""

    @property
    def keyid(self) -> str:
        """The sha256 (hex) of the key's DER SubjectPublicKeyInfo."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over exactly this message."""
        ...

    def public_pem(self) -> bytes:
        """The public key as PEM (SubjectPublicKeyInfo)."""
        ...


class Signer(Protocol):
    """A private key."""

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw signature over the message."""
        ...

    def verifier(self) -> Verifier:
        """The public key."""
        ...
