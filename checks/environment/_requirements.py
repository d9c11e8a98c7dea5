"""Requirements of installed packages, read and judged by the vendored copy of `packaging` (PEP 440, PEP 508)."""

from __future__ import annotations


class NotJudged(Exception):
    """A requirement, a marker or a version that does not follow the standards."""


def applicable(text):
    """
    The parsed `Requires-Dist` if it applies in this interpreter with no extra requested, else None.

    Raises NotJudged for a requirement that does not follow PEP 508.
    """
    from .._vendored.packaging.requirements import Requirement  # 50 ms that `list` need not spend

    try:
        requirement = Requirement(text)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    except ValueError:  # the base of all that packaging raises for text it cannot read or compare
        raise NotJudged("the requirement %r" % text) from None
    return requirement if applies else None


def satisfied(specifiers, text):
    """Whether a version meets every specifier, pre-releases included. Raises NotJudged for text that is no version."""
    from .._vendored.packaging.version import InvalidVersion, Version

    try:
        version = Version(text)
    except InvalidVersion:
        raise NotJudged("the version %r" % text) from None
    return specifiers.contains(version, prereleases=True)
