"""The two subjects every full audit has: digests of the software environment and of the machine, each by a profile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from .errors import ManifestError
from .manifest import (
    MACHINE_PROFILE_V1,
    SOFTWARE_PROFILE_V1,
    Digest,
    Fact,
    Manifest,
    Predicate,
    Role,
    Subject,
    canonical,
)
from .strictjson import shown

SOFTWARE = "software-environment"
MACHINE = "machine"

PROFILES: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
    (SOFTWARE, "software-environment/v1", "software", SOFTWARE_PROFILE_V1),
    (MACHINE, "machine/v1", "machine", MACHINE_PROFILE_V1),
)
"""Subject name, profile name (it is part of what is hashed), role of its facts, frozen keys; in subject order."""


def subjects_of(facts: Mapping[str, Fact]) -> list[Subject]:
    """The subjects that these facts have: none of a profile of which a key is missing altogether (a partial probe)."""
    found = []
    for name, profile, role, keys in PROFILES:
        document = profile_document(facts, profile, role, keys)
        if document is not None:
            digest = hashlib.sha256(canonical(document)).hexdigest()
            found.append(Subject(name=name, digest=Digest(sha256=digest)))
    return found


def profile_document(
    facts: Mapping[str, Fact], profile: str, role: Role, keys: Sequence[str]
) -> dict[str, JsonValue] | None:
    """
    What is hashed: the profile's name and, for each key, the fact's state, with its value when there is one.

    Source and reason stay out, since they hold paths and texts of an operating system. None when a key is missing or is
    declared with another role.
    """
    entries: dict[str, JsonValue] = {}
    for key in keys:
        fact = facts.get(key)
        if fact is None or fact.role != role:
            return None
        entries[key] = {"state": fact.state, "value": fact.value} if fact.state == "value" else {"state": fact.state}
    return {"profile": profile, "facts": entries}


def statement(predicate: Predicate, about: Sequence[Subject] = ()) -> Manifest:
    """The manifest of one audit: its computed subjects first, then what the audit is about."""
    own = {SOFTWARE, MACHINE}
    for subject in about:
        if subject.name in own:
            raise ManifestError(f"the subject name {subject.name!r} is reserved for a digest of the facts")
    return Manifest(subject=[*subjects_of(predicate.facts), *about], predicate=predicate)


def recompute_subjects(manifest: Manifest) -> list[Subject]:
    """The subjects that the manifest must begin with, computed from its facts."""
    return subjects_of(manifest.predicate.facts)


def subject_problems(manifest: Manifest) -> list[str]:
    """Where the manifest's subjects are not what its facts give; empty when they are."""
    expected = recompute_subjects(manifest)
    stated = manifest.subject[: len(expected)]
    problems = [
        f"the subject {want.name} is not the digest of the facts: it must be {want.digest.sha256}"
        for number, want in enumerate(expected)
        if number >= len(stated) or stated[number] != want
    ]
    extra = [subject.name for subject in manifest.subject[len(expected) :] if subject.name in (SOFTWARE, MACHINE)]
    return problems + [f"the subject {shown(name)} stands where no digest of the facts belongs" for name in extra]
