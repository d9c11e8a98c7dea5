"""Environment markers (PEP 508, PEP 751), judged by the vendored copy of `packaging` for the running interpreter."""

from __future__ import annotations

import functools
import re

from .model import Unreadable

_CHOICE = re.compile(
    r'(?:\b(?:extra|extras|dependency_groups)\b (?:==|!=|in|not in) "[^"]*"'
    r'|"[^"]*" (?:==|!=|in|not in) (?:extra|extras|dependency_groups)\b)'
)
"""A comparison that depends on what the user chose to install."""
_ALWAYS = 'python_version >= "0"'


@functools.lru_cache(maxsize=None)
def applies(marker, groups=frozenset()):
    """Whether a marker holds with no extra and these dependency groups; an empty one does. Raises Unreadable."""
    return not marker or _evaluated(_parsed(marker), groups)


@functools.lru_cache(maxsize=None)
def may_apply(marker):
    """Whether a marker holds for some choice of extras and groups. Raises Unreadable."""
    return not marker or _evaluated(_parsed(_CHOICE.sub(_ALWAYS, str(_parsed(marker)))), frozenset())


def python_fits(specifiers, version):
    """Whether a Python version is one of those that a lock is for; None if the text follows another standard."""
    from ..._vendored.packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifiers).contains(version, prereleases=True)
    except InvalidSpecifier:
        return None


def _parsed(text):
    from ..._vendored.packaging.markers import InvalidMarker, Marker

    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        raise Unreadable("the marker %r follows no standard" % text[:80]) from None


def _evaluated(marker, groups):
    choice = {"extra": "", "extras": frozenset(), "dependency_groups": groups}
    try:
        return marker.evaluate(choice, context="lock_file")
    except (ValueError, KeyError, TypeError, RecursionError):  # a comparison of what cannot be compared
        raise Unreadable("the marker %r cannot be judged" % str(marker)[:80]) from None
