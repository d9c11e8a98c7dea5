"""The content of a specification before rendering, and access to the facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from .choices import Choices

NAMES_SHOWN = 20


@dataclass
class Plan:
    """The content of a specification before rendering."""

    choices: Choices = field(default_factory=Choices)
    epoch_seconds: int = 0
    """The timestamp of every file of the image: the end of the audit."""
    base: str = ""
    """The image after FROM."""
    base_name: str = ""
    """The tag that the facts determine, else the name of the given image."""
    base_notes: list[str] = field(default_factory=list)
    python: str = ""
    """The audited release, such as `3.12`, if known; the build refuses a base with another one."""
    cuda_base: bool = False
    """Whether the base is one of NVIDIA's, which contain no Python."""
    driver: str = ""
    """The oldest NVIDIA driver that the image needs; empty without a GPU."""
    cuda: str = ""
    """The CUDA release of the frameworks."""
    build_system: set[str] = field(default_factory=set)
    """Debian packages of the stage that installs the distributions."""
    system: set[str] = field(default_factory=set)
    """Debian packages of the image."""
    locales: set[str] = field(default_factory=set)
    system_notes: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    environment_notes: list[str] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """Name to `git+https://...@COMMIT` of distributions installed from git."""
    indexes: list[str] = field(default_factory=list)
    """URLs of additional indexes."""
    find_links: list[str] = field(default_factory=list)
    """Addresses of pages that list files."""
    package_notes: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """All notes, in the order of the Dockerfile."""
        return [*self.base_notes, *self.package_notes, *self.system_notes, *self.environment_notes]


def value(manifest: Manifest, key: str) -> JsonValue:
    """A fact's value; None when it has none."""
    fact = manifest.predicate.facts.get(key)
    return fact.value if fact is not None and fact.state == "value" else None


def text(manifest: Manifest, key: str) -> str | None:
    """A fact's value when it is text."""
    found = value(manifest, key)
    return found if isinstance(found, str) else None


def texts(manifest: Manifest, key: str) -> list[str]:
    """The texts of a fact that is a list."""
    found = value(manifest, key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def missing(manifest: Manifest, key: str) -> str:
    """The reason why a fact cannot be used, as a sentence."""
    fact = manifest.predicate.facts.get(key)
    if fact is None:
        return f"the manifest has no fact {key}."
    if fact.state == "value":
        return f"the fact {key} is {shown(fact.value)}, which cannot be used here."
    return f"the fact {key} is {fact.state} ({shown(fact.reason)})."


def listed(names: list[str]) -> str:
    """The first names, quoted, and the number of the others."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(shown(name) for name in names[:NAMES_SHOWN]) + more
