"""
DSSE v1 envelopes: sign, read and verify. Only the signed payload of a verified envelope is used.

Specification: https://github.com/secure-systems-lab/dsse (envelope.md and protocol.md, version 1.0.2).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ManifestError, SignatureError
from ..manifest.strict_json import NOTHING_READ, READ_LIMIT_BYTES, canonical, parse, shown
from .interface import Signer, Verifier

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SIGNATURES_LIMIT = 64
"""Largest number of signatures: each costs a pass over the payload with each key."""
WHAT = "the envelope"


@dataclass(frozen=True)
class Signature:
    """One signature over the payload."""

    sig: bytes
    """The raw signature."""
    keyid: str = ""
    """The claimed key id: untrusted, and not used to choose a key."""


@dataclass(frozen=True)
class Envelope:
    """A parsed, unverified envelope."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Verified:
    """The verified content of an envelope."""

    payload: bytes
    """The signed bytes, the only ones to use."""
    keyids: tuple[str, ...]
    """Ids of the keys that verified it, computed from the keys."""
    signatures: tuple[bytes, ...] = ()
    """The signature that each of these keys verified."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: type and payload, each preceded by its length in bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, signer: Signer) -> Envelope:
    """An envelope with one signature."""
    return add_signature(Envelope(payload, PAYLOAD_TYPE, ()), signer)


def add_signature(envelope: Envelope, signer: Signer) -> Envelope:
    """The envelope with a signature of this key added; unchanged if it already has that signature."""
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ManifestError(f"this envelope holds {shown(envelope.payload_type)}, not a manifest", NOTHING_READ)
    sig = signer.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload))
    if sig in [signature.sig for signature in envelope.signatures]:
        return envelope
    signatures = tuple(sorted((*envelope.signatures, Signature(sig, signer.keyid)), key=_by_key))
    if len(signatures) > SIGNATURES_LIMIT:
        raise ManifestError(
            f"the envelope already has {SIGNATURES_LIMIT} signatures, which is the limit",
            "No signature was added. Sign the bare manifest.json into a new envelope.",
        )
    return Envelope(envelope.payload, envelope.payload_type, signatures)


def _by_key(signature: Signature) -> tuple[str, bytes]:
    """Sort key, so that the bytes do not depend on the order of signing."""
    return signature.keyid, signature.sig


def write(envelope: Envelope, *, limit_bytes: int = READ_LIMIT_BYTES) -> bytes:
    """The bytes of an envelope: canonical JSON with standard base64. Raises ManifestError when over the limit."""
    data = canonical(
        {
            "payload": base64.b64encode(envelope.payload).decode("ascii"),
            "payloadType": envelope.payload_type,
            "signatures": [
                {"keyid": signature.keyid, "sig": base64.b64encode(signature.sig).decode("ascii")}
                for signature in envelope.signatures
            ],
        }
    )
    if len(data) > limit_bytes:
        raise ManifestError(
            f"the envelope would have {len(data)} bytes, more than the {limit_bytes} that readers accept",
            "Nothing was written. Audit with fewer checks or fewer runs.",
        )
    return data


def read(data: bytes, *, limit_bytes: int = READ_LIMIT_BYTES) -> Envelope:
    """
    The envelope in these bytes, unverified.

    As the specification says: standard and URL-safe base64 (both with padding), unknown fields ignored, a missing key
    id is an empty one. Raises ManifestError for all else: too large, not JSON, duplicate keys, fields missing or wrong.
    """
    document = parse(data, WHAT, limit_bytes=limit_bytes)
    if not isinstance(document, dict):
        raise ManifestError(f"{WHAT} is a JSON {type(document).__name__}, not an object", NOTHING_READ)
    signatures = document.get("signatures")
    if not isinstance(signatures, list):
        raise ManifestError(f"{WHAT} has no list of signatures", NOTHING_READ)
    if len(signatures) > SIGNATURES_LIMIT:
        raise ManifestError(f"{WHAT} has more than {SIGNATURES_LIMIT} signatures", NOTHING_READ)
    payload = _base64(_text(document, "payload"))
    return Envelope(payload, _text(document, "payloadType"), tuple(_signature(entry) for entry in signatures))


def verify(
    data: bytes, verifiers: Sequence[Verifier], *, strict: bool = False, limit_bytes: int = READ_LIMIT_BYTES
) -> Verified:
    """
    The payload that at least one of these keys signed.

    With `strict` the envelope must also have exactly the bytes that `write` gives: a canonical payload, and only
    signatures and key ids of the given keys. Raises ManifestError if it cannot be read, SignatureError if no key
    verifies it or it has another type.
    """
    envelope = read(data, limit_bytes=limit_bytes)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise SignatureError(
            f"the envelope holds {shown(envelope.payload_type)}, not {PAYLOAD_TYPE}",
            "Nothing in it was used. It is not an envelope of auditor; name another file.",
        )
    message = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    made = [
        (verifier.keyid, next((one.sig for one in envelope.signatures if verifier.verify(message, one.sig)), None))
        for verifier in verifiers
    ]
    found = [(keyid, sig) for keyid, sig in made if sig is not None]
    if not found:
        raise SignatureError(_refusal(envelope, verifiers), "Nothing in it was used. Name the signer's key with --key.")
    if strict:
        _refuse_variants(data, envelope, verifiers)
    return Verified(envelope.payload, tuple(keyid for keyid, _ in found), tuple(sig for _, sig in found))


def _refusal(envelope: Envelope, verifiers: Sequence[Verifier]) -> str:
    if not envelope.signatures:
        return "the envelope has no signature"
    if not verifiers:
        return "no key was given to verify the signature with"
    hints = ", ".join(shown(signature.keyid) for signature in envelope.signatures[:3])
    return (
        f"no signature verifies with any of the {len(verifiers)} trusted keys: the content was changed, or another key "
        f"signed it (claimed key ids: {hints})"
    )


def _refuse_variants(data: bytes, envelope: Envelope, verifiers: Sequence[Verifier]) -> None:
    message = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    for signature in envelope.signatures:
        if not any(
            verifier.keyid == signature.keyid
            and verifier.verify(message, signature.sig)
            and verifier.is_only_form(signature.sig)
            for verifier in verifiers
        ):
            raise SignatureError(
                f"the payload verifies, but the signature with the key id {shown(signature.keyid)} does not",
                "Its key was not given, the key id is wrong, or it is not in the form that auditor writes. Name every "
                "signer with --key, or leave --strict out.",
            )
    ordered = tuple(sorted(set(envelope.signatures), key=_by_key))
    if data != write(Envelope(envelope.payload, envelope.payload_type, ordered), limit_bytes=len(data)):
        raise SignatureError(
            "the payload verifies, but the envelope's bytes are not those that this auditor writes",
            "White space, base64 variants, unknown fields or order differ. This is harmless; --strict refuses it.",
        )
    if canonical(parse(envelope.payload, "the payload")) != envelope.payload:
        raise SignatureError(
            "the payload verifies, but it is not canonical JSON (RFC 8785)", "This is harmless; --strict refuses it."
        )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise ManifestError(f"{WHAT} has no {name} that is a text", NOTHING_READ)
    return value


def _signature(entry: Any) -> Signature:
    if not isinstance(entry, dict):
        raise ManifestError(f"{WHAT} has a signature that is not an object", NOTHING_READ)
    keyid = entry.get("keyid")
    if not isinstance(keyid, (str, type(None))):
        raise ManifestError(f"{WHAT} has a key id that is not a text", NOTHING_READ)
    return Signature(_base64(_text(entry, "sig")), keyid or "")


def _base64(text: str) -> bytes:
    """Bytes of standard or URL-safe base64 (RFC 4648), with padding and without white space or stray bits."""
    try:
        raw = text.encode("ascii")
        data = base64.b64decode(raw, altchars=b"-_" if b"-" in raw or b"_" in raw else None, validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise ManifestError(f"{WHAT} holds text that is not base64", NOTHING_READ) from problem
    if raw not in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        raise ManifestError(f"{WHAT} holds base64 that does not follow RFC 4648", NOTHING_READ)
    return data
