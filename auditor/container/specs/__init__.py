"""
From a manifest to a container specification: Dockerfile, Apptainer definition, devcontainer.json and requirements.

A pure function of the manifest, of its digest and of what a user decided (`Choices`), so that `verify` can render all
of it again and compare. What a manifest cannot settle (a base image's digest, hashes of files) is said in a comment
with UNPINNED or UNHASHED, never guessed.
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
"""How notes begin that say what the specification cannot promise."""


def files(
    manifest: Manifest, payload_sha256: str, *, signed: bool = True, choices: Choices | None = None
) -> dict[str, str]:
    """
    Relative path to text of every file of the specification.

    `payload_sha256` is the digest (hex) of the manifest's bytes. Raises ValueError when it is no such digest, and for
    choices that must not be written.
    """
    return written.files(_plan(manifest, choices or Choices()), payload_sha256, signed=signed)


def notes(manifest: Manifest, choices: Choices | None = None) -> list[str]:
    """What the specification cannot promise, for the terminal: each begins with one of WARNINGS."""
    return [note for note in _plan(manifest, choices or Choices()).notes if note.startswith(WARNINGS)]


def base_of(manifest: Manifest) -> str:
    """The tag of the base image that the facts choose: what a registry is asked the digest of."""
    return _plan(manifest, Choices()).base


def _plan(manifest: Manifest, choices: Choices) -> Plan:
    choices.check()
    plan = Plan(choices=choices)
    for part in (clock, base, cuda, packages, variables, system):
        part.choose(manifest, plan)
    return plan
