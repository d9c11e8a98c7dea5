"""What a specification says, before it is text; and the facts it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from .choices import Choices

NAMES_SHOWN = 20


@dataclass
class Plan:
    """What a specification says, before it is text."""

    choices: Choices = field(default_factory=Choices)
    epoch_seconds: int = 0
    """The time of every file that a build makes: the audit's, so that it is one number per manifest."""
    base: str = ""
    """The image as it stands behind FROM."""
    base_name: str = ""
    """The tag that the facts choose; the name of an image that was given where they do not."""
    base_notes: list[str] = field(default_factory=list)
    python: str = ""
    """`3.12` when the audited release is known: a base with another one is refused while building."""
    cuda_base: bool = False
    """Whether the base is one of NVIDIA's, which hold no Python."""
    driver: str = ""
    """The oldest NVIDIA driver with which the image computes; empty where no GPU is used."""
    cuda: str = ""
    """The CUDA release it was built for."""
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
    """Name to `git+https://...@COMMIT` of what was installed from there."""
    indexes: list[str] = field(default_factory=list)
    """Addresses of indexes beside the default one."""
    find_links: list[str] = field(default_factory=list)
    """Addresses of pages that list files."""
    package_notes: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """Everything that is said, in the order of the Dockerfile."""
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
