"""
The profiles of the two subjects of every full audit: the software environment and the machine.

They are computed from plain JSON, so that `verify` need not import the models, which takes most of its time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ManifestError
from .strict_json import NOTHING_READ, canonical, shown

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:auditor:environment-audit:v0.1"
SOFTWARE = "software-environment"
MACHINE = "machine"

SOFTWARE_PROFILE_V1: tuple[str, ...] = (
    "host.system",
    "host.os.id",
    "host.os.version",
    "host.libc.name",
    "host.libc.version",
    "python.implementation",
    "python.version",
    "python.compiler",
    "python.cache_tag",
    "python.debug",
    "python.free_threaded",
    "python.distributions",
    "numpy.version",
    "numpy.blas.name",
    "numpy.blas.version",
    "torch.version",
    "torch.git_version",
    "torch.build.compiler",
    "torch.build.mkl",
    "torch.build.onednn",
    "torch.build.cuda",
    "torch.build.rocm",
    "tensorflow.version",
    "tensorflow.git_version",
    "tensorflow.build.cuda",
    "tensorflow.build.cudnn",
    "jax.version",
    "jax.jaxlib.version",
)
"""
Keys of `software-environment`, version 1: installed software, without settings, job or machine.

Never changed: another list needs another profile name.
"""

MACHINE_PROFILE_V1: tuple[str, ...] = (
    "host.architecture",
    "host.cpu.vendor",
    "host.cpu.model",
    "host.cpu.family",
    "host.cpu.model_number",
    "host.cpu.stepping",
    "host.cpu.flags",
    "host.cpu.sockets",
    "host.cpu.cores",
    "host.cpu.logical",
    "host.cpu.cache.l1d",
    "host.cpu.cache.l2",
    "host.cpu.cache.l3",
    "host.memory.total",
    "host.numa.nodes",
)
"""Keys of `machine`, version 1: the hardware, without job or kernel. Never changed."""

PROFILES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (SOFTWARE, "software-environment/v1", "software", SOFTWARE_PROFILE_V1),
    (MACHINE, "machine/v1", "machine", MACHINE_PROFILE_V1),
)
"""Subject name, profile name (part of the hashed document), role of its facts, keys; in subject order."""

Facts = Mapping[str, Mapping[str, Any]]


def is_reserved(name: Any) -> bool:
    """Whether a subject of this name is a digest of the facts."""
    return name in (SOFTWARE, MACHINE)


def subjects_of(facts: Facts) -> list[tuple[str, str]]:
    """Name and sha256 (hex) of each subject whose facts are complete."""
    found = []
    for name, profile, role, keys in PROFILES:
        document = profile_document(facts, profile, role, keys)
        if document is not None:
            found.append((name, hashlib.sha256(canonical(document)).hexdigest()))
    return found


def profile_document(facts: Facts, profile: str, role: str, keys: Sequence[str]) -> dict[str, Any] | None:
    """
    The hashed document: the profile's name and, for each key, the fact's state and value.

    Source and reason are left out, since they contain paths and texts of the operating system. None if a key is missing
    or has another role.
    """
    entries: dict[str, Any] = {}
    for key in keys:
        fact = facts.get(key)
        if fact is None or fact.get("role") != role:
            return None
        state = fact.get("state")
        entries[key] = {"state": state, "value": fact.get("value")} if state == "value" else {"state": state}
    return {"profile": profile, "facts": entries}


def check_versions(document: Any) -> None:
    """Raise ManifestError unless the JSON value is a statement of the supported type and version."""
    if not isinstance(document, dict):
        raise ManifestError(f"the manifest is a JSON {type(document).__name__}, not an object", NOTHING_READ)
    for field, known in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
        found = document.get(field)
        if found != known:
            raise ManifestError(
                f"this auditor cannot read the manifest: its {field} is {shown(found)}, expected {known}",
                "Nothing in it was used. A manifest of a newer version needs a newer auditor.",
            )


def subject_problems(document: Any) -> list[str]:
    """
    The differences between a payload's subjects and the digests of its facts; empty if they match.

    Raises ManifestError if it has no facts or subjects.
    """
    check_versions(document)
    expected = subjects_of(_facts(document))
    stated = _stated(document)
    problems = [
        f"the subject {name} does not match the recorded facts, whose digest is {sha256}"
        for number, (name, sha256) in enumerate(expected)
        if number >= len(stated) or not _is_subject(stated[number], name, sha256)
    ]
    extra = [subject.get("name") for subject in stated[len(expected) :]]
    return problems + [
        f"the subject {shown(name)} is at a position where no digest of the facts belongs"
        for name in extra
        if is_reserved(name)
    ]


def _is_subject(stated: Mapping[str, Any], name: str, sha256: str) -> bool:
    """Whether a subject is this digest and no other one that we know; unknown fields are ignored."""
    digest = stated.get("digest")
    known = {key: digest[key] for key in ("sha256", "gitCommit") if key in digest} if isinstance(digest, dict) else {}
    return stated.get("name") == name and known == {"sha256": sha256}


def _facts(document: Mapping[str, Any]) -> Facts:
    predicate = document.get("predicate")
    facts = predicate.get("facts") if isinstance(predicate, dict) else None
    if not isinstance(facts, dict) or not all(isinstance(fact, dict) for fact in facts.values()):
        raise ManifestError("the manifest has no readable facts", NOTHING_READ)
    return facts


def _stated(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    stated = document.get("subject")
    if not isinstance(stated, list) or not all(isinstance(subject, dict) for subject in stated):
        raise ManifestError("the manifest has no readable subjects", NOTHING_READ)
    return stated
