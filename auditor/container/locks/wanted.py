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
"""Ten times a large environment: each costs the index a request."""
MOST_TAGS = 512
"""`py2.py3-none-any` stands for two; a text of 255 characters could stand for a hundred thousand."""
_SHA256 = re.compile(r"\bsha256=([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Wanted:
    """One distribution whose file is looked for."""

    name: str
    """In its PEP 503 form."""
    text: str
    """The version as the manifest spells it."""
    version: Version
    tags: frozenset[Tag]
    """The tags of its WHEEL file, expanded: they chose the file among all of this version."""
    sha256: str = ""
    """Of the file itself, in hex, where the installation kept it (PEP 610: an archive): it alone decides then."""

    def __str__(self) -> str:
        """As a requirement."""
        return f"{self.name}=={self.text}"


def of_manifest(manifest: Manifest) -> tuple[list[Wanted], list[str]]:
    """What to look for, by name; and a sentence `UNHASHED: NAME ...` for each distribution that no index can give."""
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
            problems.append(f"UNHASHED: {one} is installed a second time, beside {wanted[one.name]}.")
    return [wanted[name] for name in sorted(wanted)], problems


def _wanted(name: str, entry: Mapping[str, JsonValue]) -> Wanted | str:
    """What to look for; or what is wrong, as a sentence without its end."""
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
        return f"{normal} {text}: its recorded wheel tag {shown(tag)} is none"
    if not tags:
        return f"{normal} {text} was installed without a wheel, so nothing tells which of the index's files it was"
    return Wanted(normal, text, version, tags)


def expanded(texts: list[str]) -> frozenset[Tag]:
    """The tags that compressed sets (`py2.py3-none-any`) stand for. Raises ValueError for more than bearable."""
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
    """Where a distribution came from when that is no index."""
    origin = entry.get("origin", "index")
    if origin == "index":
        return ""
    if origin == "unknown":
        return "an installer that keeps no record of the source (conda, or a system's packages)"
    editable = "an editable install of a " if entry.get("editable") is True else ""
    details = (entry[key] for key in ("url", "commit", "archive_hash") if entry.get(key))
    return f"{editable}{shown(origin)}" + "".join(f" {shown(detail)}" for detail in details)
