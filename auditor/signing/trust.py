"""Trusted keys, and how every command opens and verifies a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import AuditorError, KeyFileError, SignatureError, UsageError
from ..manifest.profiles import check_versions
from ..manifest.strict_json import READ_LIMIT_BYTES, parse, shown
from . import allowed_signers as allowed_signers_files
from . import envelope, file_list, keys, local, trust_file
from .trusted_key import TrustedKey

if TYPE_CHECKING:
    from ..manifest.models import Manifest

ENVELOPE_NAME = "manifest.dsse.json"
PAYLOAD_NAME = "manifest.json"
PUBLIC_KEY_NAME = "signer.pub"
LOCAL_ORIGIN = "this machine's own key"

Standing = Literal["trusted", "intact", "unsigned"]
STANDING_WORDS: dict[Standing, str] = {
    "trusted": "signed by a trusted key",
    "intact": "signed by the key beside it, which is not trusted: anyone could have made both",
    "unsigned": "UNSIGNED: anyone could have written it",
}
OWN_WORDS = f"signed by {LOCAL_ORIGIN}"


@dataclass(frozen=True)
class Opened:
    """A manifest's bytes and their standing."""

    payload: bytes
    """The verified bytes, or the file's if unsigned; the only ones to use."""
    standing: Standing
    """`trusted`: signed by a trusted key; `intact`: by the key beside it only; `unsigned`: not signed."""
    keyids: tuple[str, ...] = ()
    """Ids of all keys that verified it, a trusted one first."""
    origin: str = ""
    """Why its key is trusted."""
    public_keys: tuple[bytes, ...] = ()
    """The files of those keys (PEM or OpenSSH), in the same order."""
    folder: Path | None = None
    """The audit's folder, when one was opened."""
    signers: tuple[TrustedKey, ...] = ()
    """The trusted keys that verified it, and that count at the time of their signature."""

    @property
    def told(self) -> str:
        """Who signed it, in the words of every command."""
        return OWN_WORDS if self.origin == LOCAL_ORIGIN else STANDING_WORDS[self.standing]

    def manifest(self) -> Manifest:
        """The manifest in the bytes. Raises ManifestError if they are not a valid manifest."""
        from ..manifest import models  # noqa: PLC0415 -- its models cost more start-up than all of `verify`

        return models.read(self.payload)


def trusted_keys(
    named: Sequence[Path], trusting: Path | None = None, allowed_signers: Path | None = None
) -> list[TrustedKey]:
    """
    The keys that a user named: public keys, a trust file, an allowed_signers file of OpenSSH.

    A key has one owner, the first that names it. Raises KeyFileError for a file without a valid key.
    """
    found = [
        TrustedKey(verifier, f"--key {path}", path.stem) for path in named for verifier in keys.load_verifiers(path)
    ]
    found += trust_file.trusted_keys(trusting) if trusting else []
    return found + (allowed_signers_files.trusted_keys(allowed_signers) if allowed_signers else [])


def own_key() -> list[TrustedKey]:
    """
    The machine's own key, if there is one. Raises KeyFileError if others can read it.

    It counts for commands that read a manifest, never for a gate, a baseline or a waiver: audited code could use it.
    """
    signer = local.existing()
    return [TrustedKey(signer.verifier(), LOCAL_ORIGIN)] if signer else []


def open_manifest(
    path: Path,
    trusted: Sequence[TrustedKey] = (),
    *,
    strict: bool = False,
    limit_bytes: int = READ_LIMIT_BYTES,
    times: Mapping[bytes, datetime] | None = None,
) -> Opened:
    """
    Open an envelope, an audit's folder or a bare payload, and verify it once.

    The trusted keys are tried, then the `signer.pub` beside the envelope, which proves only that nothing changed.
    `times` gives the proven times of signatures, at which keys with a limited validity must count; else they must now.

    Raises UsageError for a path without a manifest, ManifestError for an unreadable one, SignatureError if no key
    verifies it.
    """
    place = locate(path)
    data = read_limited(place, limit_bytes)
    folder = path if path.is_dir() else None
    if is_bare(data, limit_bytes):
        check_versions(parse(data, "the manifest", limit_bytes=limit_bytes))
        return Opened(data, "unsigned", folder=folder)
    candidates = [*trusted, *key_beside(place.parent)]
    verified, signers = _verified(data, candidates, times, strict=strict, limit_bytes=limit_bytes)
    return Opened(
        verified.payload,
        "trusted" if signers[0].origin else "intact",
        tuple(dict.fromkeys(key.verifier.keyid for key in signers)),
        signers[0].origin,
        tuple(dict.fromkeys(key.verifier.public_file() for key in signers)),
        folder,
        tuple(key for key in signers if key.origin),
    )


def _verified(
    data: bytes,
    candidates: Sequence[TrustedKey],
    times: Mapping[bytes, datetime] | None = None,
    *,
    strict: bool = False,
    limit_bytes: int = READ_LIMIT_BYTES,
) -> tuple[envelope.Verified, list[TrustedKey]]:
    """What the envelope verifies to, and the keys that verified it and counted then. Raises SignatureError."""
    verifiers = [key.verifier for key in candidates]
    verified = envelope.verify(data, verifiers, strict=strict, limit_bytes=limit_bytes)
    made = dict(zip(verified.keyids, verified.signatures, strict=True))
    now = datetime.now(timezone.utc)
    signers = [key for key in candidates if key.verifier.keyid in made]
    counted = [key for key in signers if key.counts_at((times or {}).get(made[key.verifier.keyid], now))]
    named = [key for key in signers if key.origin]
    if named and not any(key.origin for key in counted):
        raise SignatureError(
            f"the key of {shown(named[0].owner)} made the signature, but does not count at this time",
            f"Its validity is limited ({named[0].origin}). Nothing was used. A timestamp can prove that it signed "
            "within it: see `auditor timestamp` and --tsa-roots.",
        )
    return verified, counted


@dataclass(frozen=True)
class OpenedList:
    """The verified list of a folder's files."""

    files: file_list.FileList
    signers: tuple[TrustedKey, ...]
    """The trusted keys that verified it; empty if only the key beside it did."""


def open_list(
    opened: Opened,
    trusted: Sequence[TrustedKey] = (),
    *,
    strict: bool = False,
    times: Mapping[bytes, datetime] | None = None,
) -> OpenedList | None:
    """
    The signed list of the opened folder's files; None for a folder that never had one.

    It must belong to the same manifest, and be signed by a trusted key if the manifest is. Raises SignatureError if
    the manifest says that there is a list and there is none, or if it does not verify; ManifestError if it cannot be
    read.
    """
    if opened.folder is None or opened.standing == "unsigned":
        return None
    path = opened.folder / file_list.LIST_NAME
    if not path.is_file():
        if _promises_list(opened.payload):
            raise SignatureError(
                f"{file_list.LIST_NAME}, the signed list of the folder's files, is missing",
                "The manifest says that it was written with one, so no file beside the manifest was believed. Get the "
                "whole folder, or verify the envelope alone.",
            )
        return None
    candidates = list(trusted) if opened.standing == "trusted" else key_beside(opened.folder)
    try:
        verified, signers = _verified(read_limited(path), candidates, times, strict=strict)
    except SignatureError as problem:
        raise SignatureError(
            f"{file_list.WHAT} ({path.name}) does not verify: {problem.message}", problem.hint
        ) from None
    files = file_list.read(verified.payload)
    if not file_list.belongs_to(files, opened.payload):
        raise SignatureError(
            f"{file_list.WHAT} ({path.name}) belongs to another manifest (sha256 {files.manifest_sha256})",
            "It was copied from another audit, or the manifest was. Get the whole folder again from its origin.",
        )
    return OpenedList(files, tuple(key for key in signers if key.origin))


def _promises_list(payload: bytes) -> bool:
    """Whether the manifest says that a list of its folder's files was written with it."""
    document = parse(payload, "the manifest")
    for name in ("predicate", "auditor", "filesListed"):
        document = document.get(name) if isinstance(document, dict) else None
    return document is True


def require_trusted(opened: Opened) -> Opened:
    """The same; raises SignatureError unless a trusted key signed it."""
    if opened.standing == "unsigned":
        raise SignatureError(
            f"the manifest is {opened.told}",
            "It was not used. Name a signed manifest, or sign it with `auditor sign`.",
        )
    if opened.standing == "intact":
        raise SignatureError(
            f"the manifest is {opened.told}",
            f"It was not used. Name the public key {opened.keyids[0]} with --key or --trust, if you trust its owner.",
        )
    return opened


def key_beside(folder: Path) -> list[TrustedKey]:
    """The keys in `signer.pub`, trusted for nothing; none if it is absent or invalid (`verify DIR` reports it)."""
    path = folder / PUBLIC_KEY_NAME
    if not path.is_file():
        return []
    try:
        return [TrustedKey(verifier, "") for verifier in keys.load_verifiers(path)]
    except KeyFileError:
        return []  # the signature then fails or stays untrusted, and the comparison of the folder reports the file


def read_limited(path: Path, limit_bytes: int = READ_LIMIT_BYTES) -> bytes:
    """A file's bytes, at most one more than the limit. Raises AuditorError if it cannot be read."""
    try:
        with path.open("rb") as handle:
            return handle.read(limit_bytes + 1)
    except OSError as problem:
        raise AuditorError(
            f"{path} cannot be read: {problem.strerror or problem}", "Nothing was verified. Check its permissions."
        ) from problem


def locate(path: Path) -> Path:
    """The file to open: the path itself, or the envelope (else the bare payload) in a folder."""
    if not path.is_dir():
        return path
    for name in (ENVELOPE_NAME, PAYLOAD_NAME):
        if (path / name).exists():
            return path / name
    raise UsageError(
        f"{path} is not an audit folder: it has no {ENVELOPE_NAME}",
        "Nothing was read. Name a folder that `auditor audit` wrote.",
    )


def is_bare(data: bytes, limit_bytes: int = READ_LIMIT_BYTES) -> bool:
    """Whether these bytes are a payload without an envelope. Raises ManifestError for anything but strict JSON."""
    document = parse(data, "the file", limit_bytes=limit_bytes)
    return isinstance(document, dict) and "_type" in document and "payload" not in document
