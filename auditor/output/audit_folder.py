"""Writes an audit folder, and compares its files with the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..manifest.digests import file_digest
from ..manifest.models import payload_bytes
from ..signing import envelope, file_list
from ..signing.folder import (
    DIFFERS,
    EXTRA,
    GIT_FILES,
    LITTER,
    MISSING,
    SAME,
    FolderComparison,
    git_state,
    is_litter,
    is_regular,
    present,
)
from ..signing.interface import Signer
from ..signing.trust import ENVELOPE_NAME, PAYLOAD_NAME, PUBLIC_KEY_NAME
from .atomic_folder import Staging, staging_of

if TYPE_CHECKING:
    from ..manifest.models import Manifest

OPERATORS_NAME = "operators.json"
"""The operator signatures of a program, which another machine measures without it."""
DEFAULT_ROOT = Path("audits")


def default_output(root: Path = DEFAULT_ROOT, now: datetime | None = None) -> Path:
    """`audits/<UTC time>`, with `-2`, `-3`, ... if the name is in use."""
    name = (now or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H-%M-%SZ")
    number = 1
    while True:
        path = root / (name if number == 1 else f"{name}-{number}")
        if not path.exists() and not staging_of(path).exists():
            return path
        number += 1


def write_audit(
    staging: Staging, manifest: Manifest, signer: Signer | None, files: Mapping[str, bytes] | None = None
) -> bytes:
    """
    Write all files of an audit folder; returns the payload.

    `files` are not rendered from the manifest; it holds their digests. With a signer, a signed list of all files is
    written too, and the manifest says so. Without one there is neither envelope, list nor `signer.pub`: the manifest is
    UNSIGNED.
    """
    payload = payload_bytes(_listed(manifest) if signer else manifest)
    written = {PAYLOAD_NAME: payload, **(files or {})}
    if signer is not None:
        written[PUBLIC_KEY_NAME] = signer.verifier().public_file()
    written |= rendered(manifest, payload, signed=signer is not None)
    for relative, data in written.items():
        staging.write(relative, data)
    if signer is not None:
        staging.write(ENVELOPE_NAME, envelope.write(envelope.sign(payload, signer)))
        listed = file_list.payload(written, payload, __version__)
        staging.write(file_list.LIST_NAME, envelope.write(envelope.sign(listed, signer)))
    return payload


def _listed(manifest: Manifest) -> Manifest:
    """The manifest, saying that a list of its folder's files belongs to it: whoever removes the list is found out."""
    auditor = manifest.predicate.auditor.model_copy(update={"files_listed": True})
    predicate = manifest.predicate.model_copy(update={"auditor": auditor})
    return manifest.model_copy(update={"predicate": predicate})


def rendered(manifest: Manifest, payload: bytes, *, signed: bool = True) -> dict[str, bytes]:
    """Relative path to bytes of every file that is rendered from the manifest."""
    from ..container import specs  # noqa: PLC0415 -- templates are loaded only where a folder is rendered
    from ..render import markdown  # noqa: PLC0415 -- the same

    digest = hashlib.sha256(payload).hexdigest()
    texts = {"report.md": markdown.render(manifest, digest, signed=signed)}
    for name, text in specs.files(manifest, digest, signed=signed).items():
        texts[f"specs/{name.lstrip('.')}"] = text  # a copy of the folder may leave hidden files out
    return {relative: text.encode("utf-8") for relative, text in texts.items()}


def compare(
    folder: Path,
    manifest: Manifest,
    payload: bytes,
    public_keys: Sequence[bytes],
    known: frozenset[str] = frozenset({ENVELOPE_NAME}),
) -> FolderComparison:
    """
    Compare every file of a folder without a signed list with the files that the verified payload gives.

    `public_keys` are the PEM texts of the keys that verified it (none if unsigned); `signer.pub` must be one of them.
    `known` names the files that verify by themselves: the envelope, timestamps.
    """
    fixed: dict[str, tuple[bytes, ...]] = {PAYLOAD_NAME: (payload,)}
    if public_keys:
        fixed[PUBLIC_KEY_NAME] = tuple(public_keys)
    there = {name: path for name, path in present(folder) if not (public_keys and name in known)}
    states = {name: _state(there.pop(name, None), contents) for name, contents in fixed.items()}
    states |= {name: git_state(there.pop(name), data) for name, data in GIT_FILES.items() if name in there}
    experiment = manifest.predicate.experiment
    if experiment is not None and experiment.operators_sha256:
        states[OPERATORS_NAME] = _digest_state(there.pop(OPERATORS_NAME, None), experiment.operators_sha256)
    version = manifest.predicate.auditor.version
    if version != __version__:
        return FolderComparison(states | {name: _foreign(name, version) for name in there})
    for name, data in rendered(manifest, payload, signed=bool(public_keys)).items():
        states[name] = _state(there.pop(name, None), (data,))
    return FolderComparison(states | {name: LITTER if is_litter(name) else EXTRA for name in there})


def _foreign(name: str, version: str) -> str:
    """The state of a file in a folder of another version, whose rendered files cannot be reproduced here."""
    if name.startswith(("report.", "specs/")):
        return f"not compared: written by version {version}"
    return LITTER if is_litter(name) else EXTRA


def _digest_state(path: Path | None, sha256: str) -> str:
    """The state of a file whose digest the manifest holds."""
    if path is None:
        return MISSING
    if not is_regular(path):
        return DIFFERS
    return SAME if file_digest(path) == sha256 else DIFFERS


def _state(path: Path | None, allowed: Sequence[bytes]) -> str:
    """The state of a file, which must be a regular file with one of these contents."""
    if path is None:
        return MISSING
    if not is_regular(path) or path.lstat().st_size not in {len(data) for data in allowed}:
        return DIFFERS
    return SAME if path.read_bytes() in allowed else DIFFERS
