"""Faults that a verifier could have; a harness that does not find each of them would find nothing."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from auditor.signing import envelope, ssh, sshsig
from auditor.signing.ed25519 import Ed25519Verifier

Wrapper = Callable[..., Any]


def type_not_signed() -> list[Any]:
    """The type is left out of what is signed, and any type is accepted."""
    real = envelope.pre_authentication_encoding

    def constant(payload_type: str, payload: bytes) -> bytes:
        del payload_type
        return real(envelope.PAYLOAD_TYPE, payload)

    class AnyType(str):
        __slots__ = ()
        __hash__ = None

        def __ne__(self, other: object) -> bool:
            return not isinstance(other, str)

    return [
        mock.patch.object(envelope, "pre_authentication_encoding", constant),
        mock.patch.object(envelope, "PAYLOAD_TYPE", AnyType(envelope.PAYLOAD_TYPE)),
    ]


def empty_signature_verifies() -> list[Any]:
    """`if signature and not verifies: refuse`."""
    real = Ed25519Verifier.verify

    def lax(self: Ed25519Verifier, message: bytes, signature: bytes) -> bool:
        return not signature or real(self, message, signature)

    return [mock.patch.object(Ed25519Verifier, "verify", lax)]


def key_id_is_trusted() -> list[Any]:
    """A signature that names a trusted key is taken for one that it made."""
    real = envelope.verify

    def lax(data: bytes, verifiers: Any, **options: Any) -> envelope.Verified:
        found = envelope.read(data)
        known = {verifier.keyid for verifier in verifiers}
        if found.payload_type == envelope.PAYLOAD_TYPE and any(one.keyid in known for one in found.signatures):
            for verifier in verifiers:
                verifier.verify(b"", b"")
            return envelope.Verified(found.payload, tuple(known))
        return real(data, verifiers, **options)

    return [mock.patch.object(envelope, "verify", lax)]


def payload_decoded_again() -> list[Any]:
    """The payload that is given is decoded a second time, by a parser that takes the first of two keys."""
    real_verify, real_read = envelope.verify, envelope.read

    def last_wins(data: bytes, **limits: int) -> envelope.Envelope:
        del limits
        try:
            return real_read(json.dumps(json.loads(data)).encode())
        except (ValueError, RecursionError):
            return real_read(data)

    def twice(data: bytes, verifiers: Any, **options: Any) -> envelope.Verified:
        verified = real_verify(data, verifiers, **options)
        first = re.search(rb'"payload"\s*:\s*"([^"]*)"', data)
        return envelope.Verified(base64.b64decode(first[1]) if first else verified.payload, verified.keyids)

    return [mock.patch.object(envelope, "read", last_wins), mock.patch.object(envelope, "verify", twice)]


def embedded_key_is_trusted() -> list[Any]:
    """An OpenSSH signature is verified with the key that it brings along."""
    real = ssh.SshVerifier.verify

    def lax(self: ssh.SshVerifier, message: bytes, signature: bytes) -> bool:
        del self
        try:
            return real(ssh.SshVerifier.from_blob(sshsig.parse(signature).public_key, "fault"), message, signature)
        except (ValueError, Exception):  # noqa: BLE001 -- a fault, not a verifier
            return False

    return [mock.patch.object(ssh.SshVerifier, "verify", lax)]


def odd_type_crashes() -> list[Any]:
    """A field's type is not checked, so an attacker's value raises what no caller expects."""
    return [mock.patch.object(envelope, "_text", lambda entry, name: entry[name])]


FAULTS = (
    type_not_signed,
    empty_signature_verifies,
    key_id_is_trusted,
    payload_decoded_again,
    embedded_key_is_trusted,
    odd_type_crashes,
)


@contextmanager
def planted(fault: Callable[[], list[Any]]) -> Iterator[None]:
    """Run with this fault in the verifier."""
    patches = fault()
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()
