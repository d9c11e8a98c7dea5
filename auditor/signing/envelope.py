"""
DSSE v1 envelopes: what was signed, by whom, and nothing else ever looked at.

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
"""Each signature costs a pass over the payload with each key, so a file must not name any number of them."""
WHAT = "the envelope"


@dataclass(frozen=True)
class Signature:
    """One signature over the payload."""

    sig: bytes
    """The raw signature."""
    keyid: str = ""
    """A hint at the key; never trusted, never used to choose one."""


@dataclass(frozen=True)
class Envelope:
    """A parsed envelope: nothing of it is verified."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Verified:
    """What a signature vouches for."""

    payload: bytes
    """The bytes that were signed: the only ones to use from here on."""
    keyids: tuple[str, ...]
    """Ids of the keys that verified it, computed from the keys themselves."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a signature is made over: type and payload, each behind its length in bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, signer: Signer) -> Envelope:
    """An envelope with one signature. Raises ManifestError for a payload too large to be read again."""
    return add_signature(Envelope(payload, PAYLOAD_TYPE, ()), signer)


def add_signature(envelope: Envelope, signer: Signer) -> Envelope:
    """The envelope with a signature of this key added; unchanged if it already has that very signature."""
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ManifestError(f"this envelope holds {shown(envelope.payload_type)}, not a manifest", NOTHING_READ)
    sig = signer.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload))
    if sig in [signature.sig for signature in envelope.signatures]:
        return envelope
    signatures = tuple(sorted((*envelope.signatures, Signature(sig, signer.keyid)), key=_by_key))
    if len(signatures) > SIGNATURES_LIMIT:
        raise ManifestError(f"the envelope already has {SIGNATURES_LIMIT} signatures, which is the limit")
    return Envelope(envelope.payload, envelope.payload_type, signatures)


def _by_key(signature: Signature) -> tuple[str, bytes]:
    """One order, so that the same signatures give the same bytes whoever signed first."""
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
            "Nothing was written. Audit with fewer checks, or fewer runs, at a time.",
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

    With `strict` the envelope must also have the very bytes that we would write: a canonical payload, and nothing that
    no key at hand has signed, foreign signatures and key ids included. Raises ManifestError when it cannot be read,
    SignatureError when no key verifies it or its type is another.
    """
    envelope = read(data, limit_bytes=limit_bytes)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise SignatureError(
            f"the envelope holds {shown(envelope.payload_type)}, not {PAYLOAD_TYPE}",
            "It may be genuine, but it is no manifest. Nothing of it was used.",
        )
    message = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    keyids = tuple(
        verifier.keyid
        for verifier in verifiers
        if any(verifier.verify(message, signature.sig) for signature in envelope.signatures)
    )
    if not keyids:
        raise SignatureError(_refusal(envelope, verifiers), "Nothing of it was used. Name the signer's key with --key.")
    if strict:
        _refuse_variants(data, envelope, verifiers)
    return Verified(envelope.payload, keyids)


def _refusal(envelope: Envelope, verifiers: Sequence[Verifier]) -> str:
    if not envelope.signatures:
        return "the envelope has no signature"
    if not verifiers:
        return "there is no key to verify the signature with"
    hints = ", ".join(shown(signature.keyid) for signature in envelope.signatures[:3])
    return (
        f"no signature verifies with any of the {len(verifiers)} keys at hand: the content was changed, or another key "
        f"signed it (it claims: {hints})"
    )


def _refuse_variants(data: bytes, envelope: Envelope, verifiers: Sequence[Verifier]) -> None:
    message = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    keyids = {verifier.keyid: verifier for verifier in verifiers}
    for signature in envelope.signatures:
        verifier = keyids.get(signature.keyid)
        if verifier is None or not verifier.verify(message, signature.sig):
            raise SignatureError(
                f"the payload verifies, but a signature does not: it claims the key {shown(signature.keyid)}",
                "Its key is not at hand, or its key id is wrong. Name every signer with --key, or leave --strict out.",
            )
    ordered = tuple(sorted(set(envelope.signatures), key=_by_key))
    if data != write(Envelope(envelope.payload, envelope.payload_type, ordered), limit_bytes=len(data)):
        raise SignatureError(
            "the payload verifies, but the envelope does not have the bytes that this auditor writes",
            "White space, base64 variants, unknown fields or another order: harmless, and refused by --strict.",
        )
    if canonical(parse(envelope.payload, "the payload")) != envelope.payload:
        raise SignatureError(
            "the payload verifies, but it is not canonical JSON (RFC 8785)", "Harmless, and refused by --strict."
        )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise ManifestError(f"{WHAT} has no {name}, or one that is no text", NOTHING_READ)
    return value


def _signature(entry: Any) -> Signature:
    if not isinstance(entry, dict):
        raise ManifestError(f"{WHAT} has a signature that is no object", NOTHING_READ)
    keyid = entry.get("keyid")
    if not isinstance(keyid, (str, type(None))):
        raise ManifestError(f"{WHAT} has a key id that is no text", NOTHING_READ)
    return Signature(_base64(_text(entry, "sig")), keyid or "")


def _base64(text: str) -> bytes:
    """Bytes of standard or URL-safe base64 of RFC 4648: with padding, without white space or stray bits."""
    try:
        raw = text.encode("ascii")
        data = base64.b64decode(raw, altchars=b"-_" if b"-" in raw or b"_" in raw else None, validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise ManifestError(f"{WHAT} holds text that is not base64", NOTHING_READ) from problem
    if raw not in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        raise ManifestError(f"{WHAT} holds base64 that is not written as RFC 4648 says", NOTHING_READ)
    return data
