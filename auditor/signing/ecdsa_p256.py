"""
ECDSA keys on the curve P-256 with SHA-256 (FIPS 186-5): files as for Ed25519, signatures in DER.

ECDSA has two signatures for each one: with (r, s) also (r, n - s) verifies. Ours have the smaller s; `--strict` refuses
the other.
"""

from __future__ import annotations

from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from . import pem as pem_files
from .curves import smaller_s

DIGEST = ec.ECDSA(hashes.SHA256())


class EcdsaP256Verifier:
    """A public key."""

    kind = "ECDSA P-256"

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    @cached_property
    def keyid(self) -> str:
        """The sha256 (hex) of the DER SubjectPublicKeyInfo."""
        return pem_files.keyid_of(self._key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature (DER) over exactly this message."""
        try:
            self._key.verify(signature, message, DIGEST)
        except InvalidSignature:
            return False
        return True

    def is_only_form(self, signature: bytes) -> bool:
        """Whether it is the one form that auditor writes: DER, with the smaller s."""
        return signature == smaller(signature)

    def public_pem(self) -> bytes:
        """The key as PEM."""
        return pem_files.spki(self._key)

    def public_file(self) -> bytes:
        """The bytes of its file: PEM."""
        return self.public_pem()

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> EcdsaP256Verifier:
        """The public key in a PEM text; `name` names its origin in messages. Raises KeyFileError."""
        key = pem_files.public_key(pem, name)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise pem_files.other_kind(name)
        return cls(key)


class EcdsaP256Signer:
    """A private key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> EcdsaP256Signer:
        """A new key from the operating system's random numbers."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def keyid(self) -> str:
        """The id of its public key."""
        return self.verifier().keyid

    def sign(self, message: bytes) -> bytes:
        """The signature over the message: DER, with the smaller s."""
        return smaller(self._key.sign(message, DIGEST))

    def verifier(self) -> EcdsaP256Verifier:
        """The public key."""
        return EcdsaP256Verifier(self._key.public_key())

    def private_pem(self, passphrase: bytes = b"") -> bytes:
        """The key as PKCS #8 PEM, encrypted if there is a passphrase."""
        return pem_files.pkcs8(self._key, passphrase)

    @classmethod
    def from_pem(cls, pem: bytes, name: str, passphrase: bytes = b"") -> EcdsaP256Signer:
        """The private key in a PEM text. Raises KeyFileError."""
        key = pem_files.private_key(pem, name, passphrase)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise pem_files.other_kind(name)
        return cls(key)


def smaller(signature: bytes) -> bytes:
    """The signature with the smaller of its two s, in DER. Raises ValueError for what is no DER signature."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, smaller_s(s, "secp256r1"))
