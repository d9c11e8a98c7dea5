"""The subjects of a manifest: the digests of its facts, and the subjects that the user named."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ManifestError
from .models import Digest, Manifest, Predicate, Subject
from .profiles import is_reserved, subjects_of


def statement(predicate: Predicate, about: Sequence[Subject] = ()) -> Manifest:
    """The manifest of one audit: its computed subjects first, then what the audit is about."""
    for subject in about:
        if is_reserved(subject.name):
            raise ManifestError(
                f"the subject name {subject.name!r} is reserved for a digest of the facts",
                "Nothing was written. Rename the file, or leave the subject out.",
            )
    return Manifest(subject=[*_computed(predicate), *about], predicate=predicate)


def _computed(predicate: Predicate) -> list[Subject]:
    facts = {
        key: {"role": fact.role, "state": fact.state, "value": fact.value} for key, fact in predicate.facts.items()
    }
    return [Subject(name=name, digest=Digest(sha256=sha256)) for name, sha256 in subjects_of(facts)]
