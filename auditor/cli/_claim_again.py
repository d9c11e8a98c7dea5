"""The claim of a manifest that a reviewer judges again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from ..claim.asked import Asked
from ..errors import SignatureError
from ..output import claim_record
from ..quoting.inert import shortened, visible
from .signed import open_accepted, signed_by


def opened(
    path: Path, keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None, seed_argument: str
) -> tuple[Asked, str]:
    """
    What the claim of a verified manifest asks for, and the manifest's digest.

    The recorded command is shown, and never run. Raises SignatureError for an unsigned manifest, ManifestError for one
    without a claim.
    """
    found = open_accepted(path, keys, trust_file, allowed_signers)
    if found.standing == "unsigned":
        raise SignatureError(
            f"the manifest is {found.told}",
            "Nothing was run: anyone could have written its claim. Name the envelope or its folder.",
        )
    held = found.manifest().predicate.claims
    asked = claim_record.again(held, seed_argument)
    told = (
        f"the manifest is {signed_by(found)}",
        f"its command, which is not run: {shortened(' '.join(held[0].command))}",
        f"its claim: {asked.reported}, {asked.stated.runs} run(s), metric {shortened(asked.metric, 200)}",
        f"added to your command, for each seed: {shortened(asked.seed_argument, 200)}",
    )
    for line in told:
        click.echo(f"auditor: {visible(line)}", err=True)
    return asked, hashlib.sha256(found.payload).hexdigest()
