"""Trusted keys, and how every command opens and verifies a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import AuditorError, KeyFileError, SignatureError, UsageError
from ..manifest.profiles import check_versions
from ..manifest.strict_json import READ_LIMIT_BYTES, parse
from . import envelope, local
from .ed25519 import Ed25519Verifier, load_verifier, read_key_file
from .interface import Verifier

if TYPE_CHECKING:
    from ..manifest.models import Manifest

ENVELOPE_NAME = "manifest.dsse.json"
PAYLOAD_NAME = "manifest.json"
PUBLIC_KEY_NAME = "signer.pub"
LOCAL_ORIGIN = "this machine's own key"
PEM_BEGIN = b"-----BEGIN "
PEM_END = b"-----END PUBLIC KEY-----"
HEX_PREFIX = "ed25519:"

Standing = Literal["trusted", "intact", "unsigned"]
STANDING_WORDS: dict[Standing, str] = {
    "trusted": "signed by a trusted key",
    "intact": "signed by the key beside it, which is not trusted: anyone could have made both",
    "unsigned": "UNSIGNED: anyone could have written it",
}
OWN_WORDS = f"signed by {LOCAL_ORIGIN}"


@dataclass(frozen=True)
class TrustedKey:
    """A key that the user trusts, and the option that names it."""

    verifier: Verifier
    origin: str


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
    """The PEM texts of those keys, in the same order."""
    folder: Path | None = None
    """The audit's folder, when one was opened."""

    @property
    def told(self) -> str:
        """Who signed it, in the words of every command."""
        return OWN_WORDS if self.origin == LOCAL_ORIGIN else STANDING_WORDS[self.standing]

    def manifest(self) -> Manifest:
        """The manifest in the bytes. Raises ManifestError if they are not a valid manifest."""
        from ..manifest import models  # noqa: PLC0415 -- its models cost more start-up than all of `verify`

        return models.read(self.payload)


def trusted_keys(keys: Sequence[Path], trust_file: Path | None = None) -> list[TrustedKey]:
    """The keys that a user named. Raises KeyFileError for a file without a valid key."""
    named = [TrustedKey(load_verifier(path), f"--key {path}") for path in keys]
    return named + (_trust_file(trust_file) if trust_file else [])


def own_key() -> list[TrustedKey]:
    """
    The machine's own key, if there is one. Raises KeyFileError if others can read it.

    It counts for commands that read a manifest, never for a gate, a baseline or a waiver: audited code could use it.
    """
    signer = local.existing()
    return [TrustedKey(signer.verifier(), LOCAL_ORIGIN)] if signer else []


def open_manifest(
    path: Path, trusted: Sequence[TrustedKey] = (), *, strict: bool = False, limit_bytes: int = READ_LIMIT_BYTES
) -> Opened:
    """
    Open an envelope, an audit's folder or a bare payload, and verify it once.

    The trusted keys are tried, then the `signer.pub` beside the envelope, which proves only that nothing changed.

    Raises UsageError for a path without a manifest, ManifestError for an unreadable one, SignatureError if no key
    verifies it.
    """
    place = locate(path)
    data = read_limited(place, limit_bytes)
    folder = path if path.is_dir() else None
    if is_bare(data, limit_bytes):
        check_versions(parse(data, "the manifest", limit_bytes=limit_bytes))
        return Opened(data, "unsigned", folder=folder)
    beside = key_beside(place.parent)
    candidates = [*trusted, *([TrustedKey(beside, "")] if beside else [])]
    verified = envelope.verify(data, [key.verifier for key in candidates], strict=strict, limit_bytes=limit_bytes)
    signers = [key for key in candidates if key.verifier.keyid in verified.keyids]
    return Opened(
        verified.payload,
        "trusted" if signers[0].origin else "intact",
        tuple(dict.fromkeys(key.verifier.keyid for key in signers)),
        signers[0].origin,
        tuple(dict.fromkeys(key.verifier.public_pem() for key in signers)),
        folder,
    )


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


def key_beside(folder: Path) -> Verifier | None:
    """The key in `signer.pub`; None if there is none or it is invalid (`verify DIR` then reports the file)."""
    path = folder / PUBLIC_KEY_NAME
    if not path.is_file():
        return None
    try:
        return load_verifier(path)
    except KeyFileError:
        return None  # the signature then fails or stays untrusted, and the comparison of the folder reports the file


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


def _trust_file(path: Path) -> list[TrustedKey]:
    """The keys of a trust file: PEM blocks, or lines of `ed25519:HEX`, paths of public keys, or `#` comments."""
    data = read_key_file(path)
    found = _pem_blocks(data, path) if PEM_BEGIN in data else _key_lines(data, path)
    if not found:
        raise KeyFileError(f"the trust file {path} names no key", "No key is trusted. Add a line with a public key.")
    return found


def _pem_blocks(data: bytes, path: Path) -> list[TrustedKey]:
    blocks = [block + PEM_END for block in data.split(PEM_END)[:-1]]
    if data.count(PEM_BEGIN) != len(blocks) or HEX_PREFIX.encode() in data:
        raise KeyFileError(
            f"the trust file {path} holds more than whole public keys in PEM form",
            "No key is trusted. Use either PEM blocks or lines, and never a private key.",
        )
    found = []
    for number, block in enumerate(blocks, start=1):
        origin = f"trust file {path}, key {number}"
        found.append(TrustedKey(Ed25519Verifier.from_pem(block[block.rindex(PEM_BEGIN) :], origin), origin))
    return found


def _key_lines(data: bytes, path: Path) -> list[TrustedKey]:
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as problem:
        raise KeyFileError(
            f"the trust file {path} is not UTF-8 text", "No key is trusted. Save it as UTF-8."
        ) from problem
    found = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        origin = f"trust file {path}, line {number}"
        if text.startswith(HEX_PREFIX):
            found.append(TrustedKey(Ed25519Verifier.from_hex(text.removeprefix(HEX_PREFIX), origin), origin))
        else:
            found.append(TrustedKey(load_verifier(path.parent / text), origin))
    return found
