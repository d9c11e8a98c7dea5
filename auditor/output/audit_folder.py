"""Writes an audit folder, and compares its files with the manifest."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..manifest.digests import file_digest
from ..manifest.models import payload_bytes
from ..signing import envelope
from ..signing.interface import Signer
from ..signing.trust import ENVELOPE_NAME, PAYLOAD_NAME, PUBLIC_KEY_NAME
from .atomic_folder import IGNORE_ALL, IGNORE_NAME, Staging, staging_of

if TYPE_CHECKING:
    from ..manifest.models import Manifest

OPERATORS_NAME = "operators.json"
"""The operator signatures of a program, which another machine measures without it."""
DEFAULT_ROOT = Path("audits")
SAME = "same"
DIFFERS = "differs"
MISSING = "missing"
EXTRA = "extra"


@dataclass(frozen=True)
class FolderComparison:
    """The comparison of an audit folder's files with its manifest."""

    files: dict[str, str]
    """Relative path to `same`, `differs`, `missing`, `extra`, or the reason why it was not compared."""

    def problems(self) -> list[str]:
        """One sentence for each file that does not match the manifest."""
        told = {
            DIFFERS: "does not match the signed manifest",
            MISSING: "is missing",
            EXTRA: "does not belong to the audit",
        }
        return [f"{name!a} {told[state]}" for name, state in sorted(self.files.items()) if state in told]


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

    `files` are not rendered from the manifest; it holds their digests.
    Without a signer there is neither envelope nor `signer.pub`: the manifest is UNSIGNED.
    """
    payload = payload_bytes(manifest)
    if signer is not None:
        staging.write(ENVELOPE_NAME, envelope.write(envelope.sign(payload, signer)))
        staging.write(PUBLIC_KEY_NAME, signer.verifier().public_pem())
    staging.write(PAYLOAD_NAME, payload)
    for name, data in (files or {}).items():
        staging.write(name, data)
    for relative, data in rendered(manifest, payload, signed=signer is not None).items():
        staging.write(relative, data)
    return payload


def rendered(manifest: Manifest, payload: bytes, *, signed: bool = True) -> dict[str, bytes]:
    """Relative path to bytes of every file that is rendered from the manifest."""
    from ..container import specs  # noqa: PLC0415 -- templates are loaded only where a folder is rendered
    from ..render import markdown  # noqa: PLC0415 -- the same

    digest = hashlib.sha256(payload).hexdigest()
    texts = {"report.md": markdown.render(manifest, digest, signed=signed)}
    texts |= {f"specs/{name}": text for name, text in specs.files(manifest, digest, signed=signed).items()}
    return {relative: text.encode("utf-8") for relative, text in texts.items()}


def compare(folder: Path, manifest: Manifest, payload: bytes, public_keys: Sequence[bytes]) -> FolderComparison:
    """
    Compare every file of the folder with the files that the verified payload gives.

    `public_keys` are the PEM texts of the keys that verified it (none if unsigned); `signer.pub` must be one of them.
    """
    fixed: dict[str, tuple[bytes, ...]] = {PAYLOAD_NAME: (payload,), IGNORE_NAME: (IGNORE_ALL,)}
    if public_keys:
        fixed[PUBLIC_KEY_NAME] = tuple(public_keys)
    present = {name: path for name, path in _files(folder) if not (public_keys and name == ENVELOPE_NAME)}
    states = {name: _state(present.pop(name, None), contents) for name, contents in fixed.items()}
    experiment = manifest.predicate.experiment
    if experiment is not None and experiment.operators_sha256:
        states[OPERATORS_NAME] = _digest_state(present.pop(OPERATORS_NAME, None), experiment.operators_sha256)
    version = manifest.predicate.auditor.version
    if version != __version__:
        return FolderComparison(states | {name: _foreign(name, version) for name in present})
    for name, data in rendered(manifest, payload, signed=bool(public_keys)).items():
        states[name] = _state(present.pop(name, None), (data,))
    return FolderComparison(states | dict.fromkeys(present, EXTRA))


def _foreign(name: str, version: str) -> str:
    """The state of a file in a folder of another version, whose rendered files cannot be reproduced here."""
    if name.startswith(("report.", "specs/")):
        return f"not compared: written by version {version}"
    return EXTRA


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link below the folder; links are not followed."""
    for root, folders, names in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in names + links:
            path = Path(root) / name
            yield path.relative_to(folder).as_posix(), path


def _raise(problem: OSError) -> None:
    raise problem


def _digest_state(path: Path | None, sha256: str) -> str:
    """The state of a file whose digest the manifest holds."""
    if path is None:
        return MISSING
    if not stat.S_ISREG(path.lstat().st_mode):
        return DIFFERS
    return SAME if file_digest(path) == sha256 else DIFFERS


def _state(path: Path | None, allowed: Sequence[bytes]) -> str:
    """The state of a file, which must be a regular file with one of these contents."""
    if path is None:
        return MISSING
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size not in {len(data) for data in allowed}:
        return DIFFERS
    return SAME if path.read_bytes() in allowed else DIFFERS
