"""`auditor container write`: a specification from a manifest, without network or container engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ...errors import UsageError
from ..signed import EXISTING_FILE, accepted_keys
from . import _folder, _signed_folder


@click.command("write")
@_folder.options
@click.option("--lock", metavar="FILE", type=EXISTING_FILE, help="A requirements.lock for this manifest.")
def command(
    path: Path,
    output: Path,
    *,
    base: str,
    snapshot: str,
    lock: Path | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    sign_with: Path | None,
    force: bool,
) -> None:
    """
    Write the files that rebuild the environment recorded in MANIFEST.

    The files are Dockerfile, requirements.txt, apptainer.def and .devcontainer/devcontainer.json. MANIFEST is an
    envelope, an audit folder, or a bare manifest.json (then the files are marked UNSIGNED). Limitations are printed on
    stderr and written into the files as comments.
    """
    chosen = _folder.choices(base, snapshot, _read(lock) if lock else "")
    target = _signed_folder.target(output, sign_with, lambda: accepted_keys(keys, trust_file, allowed_signers))
    _folder.write_files(_folder.open_source(path, keys, trust_file, allowed_signers), target, chosen, force=force)


def _read(lock: Path) -> str:
    """The text of a lock file. Raises UsageError."""
    try:
        return lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(
            f"{lock} cannot be read as a lock: {problem}",
            "Nothing was written. Name a requirements.lock of `auditor container lock`.",
        ) from None
