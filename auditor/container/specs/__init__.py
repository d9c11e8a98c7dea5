"""
From a manifest to a container specification: Dockerfile, Apptainer definition, devcontainer.json and requirements.

A pure function of the manifest, its digest and the user's choices (`Choices`), so that `verify` can render the files
again and compare them. What the manifest does not determine (the base image's digest, hashes of files) is marked in a
comment with UNPINNED or UNHASHED.
"""

from __future__ import annotations

from ...manifest.models import Manifest
from . import base, clock, cuda, packages, system, variables, written
from .choices import Choices, locked
from .plan import Plan
from .written import REQUIREMENTS

__all__ = ["REQUIREMENTS", "WARNINGS", "Choices", "base_of", "files", "locked", "notes"]

WARNINGS = (
    *("UNPINNED", "UNHASHED", "ASSUMED", "CONFLICT", "GPU", "LEFT OUT", "OTHER", "OWN INDEX"),
    *("DRIVER", "FROM SOURCE", "REMOVED"),
)
"""Prefixes of notes about limitations of the specification."""


def files(
    manifest: Manifest, payload_sha256: str, *, signed: bool = True, choices: Choices | None = None
) -> dict[str, str]:
    """
    Relative path to text of every file of the specification.

    `payload_sha256` is the digest (hex) of the manifest's bytes. Raises ValueError for an invalid digest and for
    invalid choices.
    """
    return written.files(_plan(manifest, choices or Choices()), payload_sha256, signed=signed)


def notes(manifest: Manifest, choices: Choices | None = None) -> list[str]:
    """The limitations of the specification; each begins with one of WARNINGS."""
    return [note for note in _plan(manifest, choices or Choices()).notes if note.startswith(WARNINGS)]


def base_of(manifest: Manifest) -> str:
    """The tag of the base image that the facts determine."""
    return _plan(manifest, Choices()).base


def _plan(manifest: Manifest, choices: Choices) -> Plan:
    choices.check()
    plan = Plan(choices=choices)
    for part in (clock, base, cuda, packages, variables, system):
        part.choose(manifest, plan)
    return plan
