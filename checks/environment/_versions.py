"""
Versions, specifiers and requirements: the part of PEP 440 and PEP 508 that installed metadata use.

The standard library has no parser for them. A test compares with `packaging`; what this does not understand raises
NotJudged, and is reported as such.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(
    r"\s*v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?P<pre_number>\d*))?"
    r"(?P<post>-(?P<post_short>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s*(===|~=|==|!=|<=|>=|<|>)\s*(\S+)\s*")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_LETTERS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


class NotJudged(Exception):
    """Something in metadata that this subset does not understand."""


class Version(NamedTuple):
    """A version of PEP 440; what it lacks is None."""

    epoch: int
    release: tuple[int, ...]
    pre: tuple[str, int] | None
    post: int | None
    dev: int | None
    local: tuple[str, ...] | None


class Requirement(NamedTuple):
    """One `Requires-Dist`, its parts as text."""

    name: str
    specifiers: str
    marker: str


def version(text):
    """A parsed version; raises NotJudged for what PEP 440 does not know."""
    match = _VERSION.fullmatch(text)
    if match is None:
        raise NotJudged("the version %r" % text)
    part = match.groupdict()
    pre = part["pre"] and part["pre"].lower()
    return Version(
        int(part["epoch"] or 0),
        tuple(int(number) for number in part["release"].split(".")),
        (_LETTERS.get(pre, pre), int(part["pre_number"] or 0)) if pre else None,
        int(part["post_short"] or part["post_number"] or 0) if part["post"] else None,
        int(part["dev_number"] or 0) if part["dev"] else None,
        tuple(re.split(r"[-_.]", part["local"].lower())) if part["local"] else None,
    )


def key(parsed):
    """What versions are sorted by: dev before pre before final before post; local versions last."""
    release = parsed.release
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    first, last = ("",), ("z",)
    pre = parsed.pre or (first if parsed.post is None and parsed.dev is not None else last)
    local = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parsed.local or ()]
    post = -1 if parsed.post is None else parsed.post
    dev = float("inf") if parsed.dev is None else parsed.dev
    return (parsed.epoch, release, pre, post, dev, parsed.local is not None, local)


def contains(specifiers, text):
    """Whether a version (pre-releases included, as `pip check` has it) satisfies every clause of a specifier set."""
    candidate = version(text)
    clauses = [_clause(clause) for clause in specifiers.split(",") if clause.strip()]
    satisfied = [_satisfies(operator, wanted, candidate, text) for operator, wanted in clauses]  # none unread
    return all(satisfied)


def _clause(text):
    match = _CLAUSE.fullmatch(text)
    if match is None:
        raise NotJudged("the specifier %r" % text)
    return match.groups()


def _satisfies(operator, wanted, candidate, text):
    if operator == "===":
        return text.strip().lower() == wanted.lower()
    if wanted.endswith(".*"):
        if operator not in ("==", "!="):
            raise NotJudged("the specifier %s%s" % (operator, wanted))
        return _starts_with(candidate, version(wanted[:-2])) == (operator == "==")
    given = version(wanted)
    if operator == "~=":
        if len(given.release) < 2:
            raise NotJudged("the specifier ~=%s" % wanted)
        prefix = Version(given.epoch, given.release[:-1], None, None, None, None)
        return _starts_with(candidate, prefix) and key(_public(candidate)) >= key(given)
    if operator in ("==", "!="):
        compared = candidate if given.local else _public(candidate)
        return (key(compared) == key(given)) == (operator == "==")
    return _ordered(operator, given, candidate)


def _ordered(operator, given, candidate):
    """`<` leaves out pre-releases of what is given, `>` its post-releases and local versions."""
    if given.local:
        raise NotJudged("a local version after %s" % operator)
    if operator == "<=":
        return key(_public(candidate)) <= key(given)
    if operator == ">=":
        return key(_public(candidate)) >= key(given)
    if operator == "<":
        early = given.pre is not None or given.dev is not None
        return key(candidate) < key(given if early else given._replace(dev=0))
    if given.dev is not None:
        return key(candidate) >= key(given._replace(dev=given.dev + 1))
    if given.post is not None:
        return key(candidate) >= key(given._replace(post=given.post + 1, dev=0))
    family = candidate._replace(post=None, dev=None, local=None)
    return key(candidate) > key(given) and key(family) != key(given)


def _starts_with(candidate, prefix):
    length = len(prefix.release)
    padded = (candidate.release + (0,) * length)[:length]
    return candidate.epoch == prefix.epoch and padded == prefix.release


def _public(parsed):
    return parsed._replace(local=None)


def requirement(text):
    """Name, specifiers and marker of one `Requires-Dist`; a direct URL has no specifiers to check."""
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        raise NotJudged("the requirement %r" % text)
    name, rest = match.groups()
    if rest.startswith("@"):
        marker = rest.partition(" ;")[2]
        return Requirement(name, "", marker.strip())
    specifiers, _, marker = rest.partition(";")
    return Requirement(name, specifiers.strip().strip("()").strip(), marker.strip())
