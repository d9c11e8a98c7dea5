"""Every kind of key behind one interface: which Signer or Verifier a file holds."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from ..errors import KeyFileError
from . import pem, ssh
from .ecdsa_p256 import EcdsaP256Signer, EcdsaP256Verifier
from .ed25519 import Ed25519Signer, Ed25519Verifier
from .interface import Signer, Verifier


def load_signer(path: Path) -> Signer:
    """
    The private key in a file: PEM (Ed25519, ECDSA P-256) or OpenSSH; a public key of OpenSSH signs through ssh-agent.

    The passphrase comes from the environment, or is asked for on a terminal. Raises KeyFileError.
    """
    data = pem.read_key_file(path)
    if ssh.is_ssh(data):
        return ssh.SshSigner.from_file(path, data)
    secret = pem.passphrase_for(data, str(path))
    if isinstance(pem.private_key(data, str(path), secret), EllipticCurvePrivateKey):
        return EcdsaP256Signer.from_pem(data, str(path), secret)
    return Ed25519Signer.from_pem(data, str(path), secret)


def load_verifiers(path: Path) -> list[Verifier]:
    """The public keys in a file: one in PEM, or lines of OpenSSH as code hosts publish them. Raises KeyFileError."""
    return verifiers(pem.read_key_file(path), str(path))


def verifiers(data: bytes, name: str) -> list[Verifier]:
    """The public keys in a file's bytes; `name` names the file in messages. Raises KeyFileError."""
    if ssh.PRIVATE_BEGIN in data:
        raise KeyFileError(
            f"{name} holds a private key", "Nothing was verified. Name the public key, and keep it secret."
        )
    if not ssh.is_ssh(data):
        return [from_pem(data, name)]
    lines = enumerate(data.decode("utf-8", "replace").splitlines(), start=1)
    return [
        ssh.SshVerifier.from_line(line, f"{name}, line {number}")
        for number, line in lines
        if line.strip() and not line.lstrip().startswith("#")
    ]


def from_pem(data: bytes, name: str) -> Verifier:
    """The public key in a PEM text. Raises KeyFileError."""
    if isinstance(pem.public_key(data, name), EllipticCurvePublicKey):
        return EcdsaP256Verifier.from_pem(data, name)
    return Ed25519Verifier.from_pem(data, name)
