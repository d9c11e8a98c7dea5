"""
Timestamps (RFC 3161): an authority's statement that a signature existed at a time.

In two steps, since no command here uses the network: write the query, send it with any program, attach the answer. What
is stamped is the signature in the envelope, so a timestamp proves the time of content and signature alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import KeyFileError, ManifestError, SignatureError, UsageError
from ..manifest.strict_json import shown
from .envelope import Envelope
from .pem import read_key_file

if TYPE_CHECKING:
    import rfc3161_client
    from cryptography import x509

SUFFIX = ".tsr"
ANSWER_LIMIT_BYTES = 1 << 20
NAME_DIGITS = 16
GRANTED = 0
NOT_ATTACHED = "Nothing was attached. Ask the authority again with the query that `auditor timestamp query` writes."


@dataclass(frozen=True)
class Stamp:
    """A verified timestamp."""

    sig: bytes
    """The signature that it stamps."""
    moment: datetime
    """When, in UTC."""
    authority: str
    """The name in the authority's certificate."""


def query(envelope: Envelope, keyid: str = "") -> bytes:
    """The request (DER) for the signature whose key id begins so. Raises UsageError if not exactly one does."""
    import rfc3161_client as client  # noqa: PLC0415 -- only timestamps need it

    found = [one.sig for one in envelope.signatures if one.keyid.startswith(keyid)]
    if len(found) != 1:
        told = ", ".join(shown(one.keyid) for one in envelope.signatures)
        raise UsageError(
            f"{len(found)} signatures have the key id {shown(keyid)}",
            f"No query was written. Name one by --keyid: {told}.",
        )
    built = client.TimestampRequestBuilder().data(found[0]).hash_algorithm(client.HashAlgorithm.SHA256)
    return built.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def stamped_signature(answer: bytes, envelope: Envelope) -> bytes:
    """The signature that the answer (DER) stamps. Raises ManifestError for anything else."""
    response = _decoded(answer)
    imprint = response.tst_info.message_imprint.message
    for one in envelope.signatures:
        if imprint in {hashlib.new(name, one.sig).digest() for name in ("sha256", "sha384", "sha512")}:
            return one.sig
    raise ManifestError("the timestamp is for none of the envelope's signatures", NOT_ATTACHED)


def name_of(envelope_name: str, sig: bytes) -> str:
    """The file's name beside an envelope: it follows from the signature."""
    return f"{envelope_name.removesuffix('.json')}.{hashlib.sha256(sig).hexdigest()[:NAME_DIGITS]}{SUFFIX}"


def beside(place: Path, envelope: Envelope) -> Iterator[tuple[Path, bytes]]:
    """Each timestamp's file beside an envelope that names one of its signatures, with that signature."""
    for sig in dict.fromkeys(one.sig for one in envelope.signatures):
        path = place.with_name(name_of(place.name, sig))
        if path.is_file() and not path.is_symlink():
            yield path, sig


def check(path: Path, sig: bytes, roots: Sequence[x509.Certificate]) -> Stamp:
    """
    The verified timestamp in a file.

    The certificates must be valid at the time that it states, and lead to one of the roots; without roots, only the
    signature that it stamps is checked, and the time is merely stated. Raises SignatureError.
    """
    import rfc3161_client as client  # noqa: PLC0415 -- only timestamps need it

    try:
        with path.open("rb") as handle:
            answer = handle.read(ANSWER_LIMIT_BYTES + 1)
        response = _decoded(answer)
        if stamped_signature(answer, _of(sig)) != sig:
            raise AssertionError("unreachable: it is the only signature")
        if roots:
            verifier = client.VerifierBuilder(roots=list(roots)).build()
            verifier.verify_message(response, sig)
    except (ManifestError, client.VerificationError, ValueError) as problem:
        raise SignatureError(
            f"the timestamp {path.name} does not verify: {problem}",
            "The time was not believed. Name the authority's root certificates with --tsa-roots, or remove the file.",
        ) from problem
    moment = response.tst_info.gen_time
    return Stamp(sig, moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc), _authority(response))


def load_roots(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file. Raises KeyFileError."""
    from cryptography import x509  # noqa: PLC0415 -- only timestamps need it

    try:
        return x509.load_pem_x509_certificates(read_key_file(path))
    except ValueError as problem:
        raise KeyFileError(
            f"{path} holds no certificates in PEM form",
            "Nothing was verified. Name the root certificates of the authority.",
        ) from problem


def _of(sig: bytes) -> Envelope:
    from .envelope import PAYLOAD_TYPE, Signature  # noqa: PLC0415 -- beside its only use

    return Envelope(b"", PAYLOAD_TYPE, (Signature(sig),))


def _decoded(answer: bytes) -> rfc3161_client.TimeStampResponse:
    """A granted answer. Raises ManifestError, also for bytes after its end."""
    import rfc3161_client as client  # noqa: PLC0415 -- only timestamps need it

    if len(answer) > ANSWER_LIMIT_BYTES:
        raise ManifestError("the timestamp is larger than any is", NOT_ATTACHED)
    try:
        response = client.decode_timestamp_response(answer)
        if response.status != GRANTED:
            raise ManifestError(f"the authority did not grant it (status {response.status})", NOT_ATTACHED)
        response.tst_info  # noqa: B018 -- reading it raises for an answer without a token
    except ValueError as problem:
        raise ManifestError(f"this is no answer of a timestamp authority: {problem}", NOT_ATTACHED) from problem
    return response


def _authority(response: rfc3161_client.TimeStampResponse) -> str:
    """The subject of the certificate that signed; for people, and decided upon by nobody."""
    from cryptography import x509  # noqa: PLC0415 -- only timestamps need it

    signers = {(one.issuer, one.serial_number) for one in response.signed_data.signer_infos}
    for data in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(data)
        if (certificate.issuer, certificate.serial_number) in signers:
            return certificate.subject.rfc4514_string()
    return "an authority whose certificate is not enclosed"
