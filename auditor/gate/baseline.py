"""The baseline's place, and writing a new one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import OutputError, SignatureError, UsageError
from ..signing import envelope, files, trust
from ..signing.interface import Signer
from ..signing.trusted_key import TrustedKey
from .policy.source import Source
from .policy.tables import BaselineTable

WRITTEN = "Nothing was written. "


def default_name(source: Source) -> str:
    """The baseline's path relative to the policy's folder: the policy's, else the default."""
    return (source.policy.baseline or BaselineTable()).manifest


def data_of(source: Source, name: str) -> bytes:
    """The bytes of the baseline, from where the policy was read. Raises UsageError if it is absent."""
    data = source.read(name)
    if data is None:
        raise UsageError(
            f"there is no baseline {name} ({source.told})",
            "Nothing was judged. Write it with `auditor gate MANIFEST --update-baseline --sign-with KEY.pem`.",
        )
    return data


def update(path: Path, manifest: Path, keys: Sequence[TrustedKey], signer: Signer) -> None:
    """
    Write the verified manifest as the new baseline, signed by this key.

    Raises SignatureError if the manifest is not signed by a trusted key, or if this key is not one: the gate would
    refuse the baseline.
    """
    opened = trust.open_manifest(manifest, keys)
    if opened.standing == "unsigned":
        raise SignatureError("the manifest is unsigned: nobody vouches", WRITTEN + "A baseline must be signed.")
    trust.require_trusted(opened)
    if signer.keyid not in [key.verifier.keyid for key in keys]:
        raise SignatureError(
            "the key of --sign-with is none of the trusted ones, so the gate would refuse the baseline",
            WRITTEN + "Name its public key with --key or in `keys` of the policy. This machine's own key never counts.",
        )
    data = envelope.write(envelope.sign(opened.payload, signer))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            files.replace(path, data)
        else:
            files.create(path, data, files.PUBLIC)
    except OSError as problem:
        raise OutputError(f"{path} cannot be written: {problem.strerror or problem}", WRITTEN) from problem
