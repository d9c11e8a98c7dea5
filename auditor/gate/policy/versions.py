"""Version specifiers (PEP 440) and requirements (PEP 508) of a policy, validated and matched."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def checked_specifiers(text: str) -> str:
    """The text, if it holds version specifiers. Raises ValueError."""
    try:
        SpecifierSet(text)
    except InvalidSpecifier as problem:
        raise ValueError(f"{text!r} holds no version specifiers such as >=2.6,<3") from problem
    return text


def checked_requirement(text: str) -> str:
    """The text, if it names one package and perhaps its versions. Raises ValueError."""
    try:
        found = Requirement(text)
    except InvalidRequirement as problem:
        raise ValueError(f"{text!r} is no package with versions such as torch>=2.6,<3") from problem
    if found.url or found.marker or found.extras:
        raise ValueError(f"{text!r} has a marker, extras or an address; name a package and its versions alone")
    return text


def package_of(requirement: str) -> str:
    """The normalized name (PEP 503) of a requirement's package."""
    return canonicalize_name(Requirement(requirement).name)


def holds(version: str, requirement: str) -> bool | None:
    """Whether a version satisfies a requirement; None if it is no version. A local label such as `+cpu` is ignored."""
    return within(version, str(Requirement(requirement).specifier))


def within(version: str, specifiers: str) -> bool | None:
    """Whether a version satisfies the specifiers; None if it is no version. A local label is ignored, as by PEP 440."""
    try:
        return SpecifierSet(specifiers).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return None
