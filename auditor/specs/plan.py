"""What a specification says, before it is text; and the facts it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from ..manifest import Manifest
from ..strictjson import shown

NAMES_SHOWN = 20


@dataclass
class Plan:
    """What a specification says, before it is text."""

    base: str = ""
    base_notes: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    environment_notes: list[str] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)
    package_notes: list[str] = field(default_factory=list)

    @property
    def own_index(self) -> bool:
        """Whether a version has a local part, which the default index does not carry."""
        return any("+" in version for version in self.packages.values())


def value(manifest: Manifest, key: str) -> JsonValue:
    """A fact's value; None when it has none."""
    fact = manifest.predicate.facts.get(key)
    return fact.value if fact is not None and fact.state == "value" else None


def text(manifest: Manifest, key: str) -> str | None:
    """A fact's value when it is text."""
    found = value(manifest, key)
    return found if isinstance(found, str) else None


def missing(manifest: Manifest, key: str) -> str:
    """Why a fact cannot be used, as a sentence."""
    fact = manifest.predicate.facts.get(key)
    if fact is None:
        return f"the manifest has no fact {key}."
    if fact.state == "value":
        return f"the fact {key} is {shown(fact.value)}, which cannot be used here."
    return f"the fact {key} is {fact.state} ({shown(fact.reason)})."


def listed(names: list[str]) -> str:
    """Names in quotes, the first of them."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(shown(name) for name in names[:NAMES_SHOWN]) + more
