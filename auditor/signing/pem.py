"""Key files in PEM form: private as PKCS #8, public as SubjectPublicKeyInfo; and the passphrase of private ones."""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from ..errors import KeyFileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

PASSPHRASE_VARIABLE = "AUDITOR_KEY_PASSPHRASE"  # noqa: S105 -- the variable's name, not a passphrase
KEY_FILE_LIMIT_BYTES = 64 * 1024
WANTED = (
    "Nothing was signed or verified. Name an Ed25519 or ECDSA P-256 key in PEM form, or an OpenSSH key; "
    "`auditor keygen` creates a pair."
)


def read_key_file(path: Path) -> bytes:
    """The bytes of a key file, with a limit on its size. Raises KeyFileError."""
    try:
        with path.open("rb") as handle:
            data = handle.read(KEY_FILE_LIMIT_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: a name with a zero byte, which a trust file can hold
        told = getattr(problem, "strerror", None) or problem
        raise KeyFileError(f"{str(path)!a} cannot be read: {told}", WANTED) from problem
    if len(data) > KEY_FILE_LIMIT_BYTES:
        raise KeyFileError(f"{path} is too large for a key file", WANTED)
    return data


def public_key(pem: bytes, name: str) -> PublicKeyTypes:
    """The public key in a PEM text; `name` names its origin in messages. Raises KeyFileError."""
    if b"PRIVATE KEY" in pem:
        raise KeyFileError(
            f"{name} holds a private key",
            "Nothing was verified. Name the public key (NAME.pub), and keep this file secret.",
        )
    try:
        return serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise KeyFileError(f"{name} holds no public key in PEM form", WANTED) from problem


def private_key(pem: bytes, name: str, passphrase: bytes = b"") -> PrivateKeyTypes:
    """The private key in a PEM text. Raises KeyFileError."""
    if b"PUBLIC KEY" in pem:
        raise KeyFileError(f"{name} holds a public key", "Nothing was signed. Name the private key (NAME.pem).")
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not passphrase:
        raise KeyFileError(f"{name} is encrypted", f"Nothing was signed. Set {PASSPHRASE_VARIABLE} to its passphrase.")
    try:
        return serialization.load_pem_private_key(pem, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        told = (
            f"{name} cannot be decrypted with this passphrase"
            if encrypted
            else f"{name} holds no private key in PEM form"
        )
        raise KeyFileError(told, WANTED) from problem


def other_kind(name: str) -> KeyFileError:
    """The error for a key of an algorithm that is not used for signing here."""
    return KeyFileError(f"{name} holds a key of another kind than Ed25519 or ECDSA P-256", WANTED)


def spki(key: PublicKeyTypes, encoding: serialization.Encoding = serialization.Encoding.PEM) -> bytes:
    """The key as SubjectPublicKeyInfo."""
    return key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def keyid_of(key: PublicKeyTypes) -> str:
    """The sha256 (hex) of the DER SubjectPublicKeyInfo: the key's id, whatever the form of its file."""
    return hashlib.sha256(spki(key, serialization.Encoding.DER)).hexdigest()


def pkcs8(key: PrivateKeyTypes, passphrase: bytes = b"") -> bytes:
    """The key as PKCS #8 PEM, encrypted if there is a passphrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def passphrase() -> bytes:
    """The passphrase of private keys, from the environment; empty if there is none."""
    return os.environb.get(PASSPHRASE_VARIABLE.encode(), b"")


def passphrase_for(pem: bytes, name: str) -> bytes:
    """The passphrase of this private key: from the environment, else asked for on a terminal, else empty."""
    found = passphrase()
    if found or b"ENCRYPTED" not in pem or not sys.stdin.isatty():
        return found
    return getpass.getpass(f"Passphrase of {name}: ").encode()
