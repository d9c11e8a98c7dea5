"""The distributions to lock: every audited one that an index can have, with the tags of its wheel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.tags import Tag, parse_tag
from packaging.version import InvalidVersion, Version
from pydantic import JsonValue

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from ...quoting import dockerfile

MOST_DISTRIBUTIONS = 5000
"""Largest number of distributions, ten times a large environment; each costs a request."""
MOST_TAGS = 512
"""Largest number of tags: `py2.py3-none-any` expands to two, 255 characters could expand to a hundred thousand."""
_SHA256 = re.compile(r"\bsha256=([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Wanted:
    """One distribution to lock."""

    name: str
    """In its PEP 503 form."""
    text: str
    """The version as in the manifest."""
    version: Version
    tags: frozenset[Tag]
    """The expanded tags of its WHEEL file, which identify the file among those of this version."""
    sha256: str = ""
    """The sha256 (hex) of the file, if the installation recorded it (PEP 610, archive); it then decides alone."""

    def __str__(self) -> str:
        """As a requirement."""
        return f"{self.name}=={self.text}"


def of_manifest(manifest: Manifest) -> tuple[list[Wanted], list[str]]:
    """The distributions to lock, by name; and an UNHASHED note for each that no index can have."""
    fact = manifest.predicate.facts.get("python.distributions")
    found = fact.value if fact is not None and fact.state == "value" else None
    if not isinstance(found, dict) or not found:
        return [], ["UNHASHED: the manifest names no distribution, so there is nothing to lock."]
    if len(found) > MOST_DISTRIBUTIONS:
        return [], [f"UNHASHED: the manifest names {len(found)} distributions; no environment has that many."]
    wanted: dict[str, Wanted] = {}
    problems = []
    for name, entry in sorted(found.items()):
        one = _wanted(name, entry if isinstance(entry, dict) else {"version": entry})
        if isinstance(one, str):
            problems.append(f"UNHASHED: {one}.")
        elif wanted.setdefault(one.name, one).version != one.version:
            problems.append(f"UNHASHED: {one} is installed in addition to {wanted[one.name]}.")
    return [wanted[name] for name in sorted(wanted)], problems


def _wanted(name: str, entry: Mapping[str, JsonValue]) -> Wanted | str:
    """The distribution to lock, or the problem as a clause."""
    recorded = entry.get("version")
    try:
        normal = str(dockerfile.package(name))
        text = str(dockerfile.version(recorded if isinstance(recorded, str) else ""))
        version = Version(text)
    except (ValueError, InvalidVersion):
        return f"{shown(name)} {shown(recorded)} has no valid name (PEP 503) or version (PEP 440)"
    kept = _SHA256.search(str(entry.get("archive_hash", ""))) if entry.get("origin") == "archive" else None
    if kept:
        return Wanted(normal, text, version, frozenset(), kept[1])
    origin = _origin(entry)
    if origin:
        return f"{normal} {text} came from {origin}; an index does not have it, or not the same"
    tag = entry.get("wheel_tag")
    try:
        tags = expanded(tag.split() if isinstance(tag, str) else [])
    except ValueError:
        return f"{normal} {text}: its recorded wheel tag {shown(tag)} is invalid"
    if not tags:
        return f"{normal} {text} was installed without a wheel, so the index's file is not known"
    return Wanted(normal, text, version, tags)


def expanded(texts: list[str]) -> frozenset[Tag]:
    """The tags that compressed sets (`py2.py3-none-any`) stand for. Raises ValueError for too many."""
    total = 0
    for text in texts:
        count = 1
        for part in text.split("-"):
            count *= part.count(".") + 1
        total += count
    if total > MOST_TAGS:
        raise ValueError(f"{total} tags")
    return frozenset(tag for text in texts for tag in parse_tag(text))


def _origin(entry: Mapping[str, JsonValue]) -> str:
    """The origin of a distribution that is not from an index."""
    origin = entry.get("origin", "index")
    if origin == "index":
        return ""
    if origin == "unknown":
        return "an installer that keeps no record of the source (conda, or a system's packages)"
    editable = "an editable install of a " if entry.get("editable") is True else ""
    details = (entry[key] for key in ("url", "commit", "archive_hash") if entry.get(key))
    return f"{editable}{shown(origin)}" + "".join(f" {shown(detail)}" for detail in details)
