"""
An index's page of one project, read with pypi-simple: PEP 691 (JSON) and PEP 503 (HTML).

Two things are done before its parsers see the page, since they were not written against hostile indexes: file names of
other shapes are dropped (its expressions take time that grows with the third power of the dashes in one), and HTML
is read without nesting (its readers give every text to every open anchor: quadratic).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pypi_simple import ACCEPT_ANY, DistributionPackage, Link, ProjectPage, UnsupportedRepoVersionError

from .client import Client, Refused, joined
from .indexes import Index
from .wanted import Wanted, expanded

ACCEPT = ACCEPT_ANY
MOST_PAGE_BYTES = 32 << 20
"""Large pages of the public index in November 2026: NumPy 1.9 MB, tf-nightly 1.1 MB of JSON."""
MOST_PAGE_SECONDS = 120.0
MOST_NAME_CHARACTERS = 255
"""What a file system can hold."""
MOST_DASHES = 12
WHEEL = re.compile(
    r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9._+!]+)(?:-[0-9][A-Za-z0-9._]*)?"
    r"-(?P<tags>[A-Za-z0-9._]+-[A-Za-z0-9._]+-[A-Za-z0-9._]+)\.whl"
)
SDIST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.(?:tar\.gz|zip)")
ALGORITHM = re.compile(r"[a-z0-9_]{1,20}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Listed:
    """One file of the wanted version, as its index lists it; every field has been validated."""

    filename: str
    url: str
    """May be asked of this index; never printed, since signed links hold keys."""
    sha256: str
    """In hex; empty when the index does not give one."""
    other_hashes: tuple[str, ...]
    """The names of other algorithms for which it does."""
    yanked: str | None
    """Why the publisher withdrew it (perhaps without words); None when not."""
    tags: frozenset[Tag] | None
    """Of a wheel; None for a source distribution."""
    path: Path | None = None
    """Where it lies, when it is a file of this machine and of no index."""


def page(client: Client, wanted: Wanted) -> list[Listed]:
    """The files of the wanted version. Raises Unreachable, Refused or NotInIndex."""
    body, kind, final = client.read(client.index.page(wanted.name), ACCEPT, MOST_PAGE_BYTES, MOST_PAGE_SECONDS)
    try:
        packages = _json(body, final) if _is_json(kind) else _html(body, final, wanted.name)
    except (ValueError, RecursionError, UnsupportedRepoVersionError) as problem:
        raise Refused("its answer is no page of an index (PEP 691, PEP 503)") from problem
    found = (_listed(package, wanted, client.index) for package in packages)
    return sorted({one.filename: one for one in found if one}.values(), key=lambda one: one.filename)


def _is_json(kind: str) -> bool:
    return kind.partition(";")[0].strip().lower() in ("application/vnd.pypi.simple.v1+json", "application/json")


def _json(body: bytes, base: str) -> list[DistributionPackage]:
    document: Any = json.loads(body)
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, list):
        raise ValueError("no list of files")  # noqa: TRY004 -- one kind of error for all that is no page
    document["files"] = [one for one in files if isinstance(one, dict) and is_file_name(one.get("filename"))]
    return ProjectPage.from_json_data(document, base).packages


def _html(body: bytes, base: str, project: str) -> Iterator[DistributionPackage]:
    reader = _Anchors()
    reader.feed(body.decode("utf-8", "replace"))
    reader.close()
    base = joined(base, reader.base)
    for text, attributes in reader.found:
        address = joined(base, attributes.pop("href", ""))
        name = unquote(urlsplit(address).path.rpartition("/")[2])  # what pip takes; texts of find-links hold folders
        if is_file_name(name) and text.endswith(name):
            yield DistributionPackage.from_link(Link(text=name, url=address, attrs={**attributes}), project)


class _Anchors(HTMLParser):
    """The anchors of a page and their texts; one that begins ends the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.base = ""
        self._open: dict[str, str] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an anchor, or take the page's base (the first counts)."""
        if tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""
        if tag == "a":
            self._end()
            self._open = {name: value or "" for name, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        """End an anchor."""
        if tag == "a":
            self._end()

    def handle_data(self, data: str) -> None:
        """Text counts inside an anchor only."""
        if self._open is not None:
            self._text.append(data)

    def close(self) -> None:
        """The page's end ends an anchor."""
        super().close()
        self._end()

    def _end(self) -> None:
        if self._open is not None:
            self.found.append(("".join(self._text).strip(), self._open))
        self._open, self._text = None, []


def is_file_name(name: object) -> bool:
    """Whether this is the name of a wheel or of a source distribution, and safe as the name of a file."""
    return (
        isinstance(name, str)
        and len(name) <= MOST_NAME_CHARACTERS
        and name.count("-") <= MOST_DASHES
        and bool(WHEEL.fullmatch(name) or SDIST.fullmatch(name))
    )


def _listed(package: DistributionPackage, wanted: Wanted, index: Index) -> Listed | None:
    """One file, validated; None when it is of another version or project, or at no address that may be asked."""
    found = parsed(package.filename)
    url = package.url.partition("#")[0]
    if not found or found[:2] != (wanted.name, wanted.version) or not index.may_lead_to(url):
        return None
    digests = {name.lower(): str(value).lower() for name, value in package.digests.items()}
    sha256 = digests.pop("sha256", "")
    return Listed(
        package.filename,
        url,
        sha256 if SHA256.fullmatch(sha256) else "",
        tuple(sorted(name for name in digests if ALGORITHM.fullmatch(name))),
        (package.yanked_reason or "") if package.is_yanked else None,
        found[2],
    )


def parsed(filename: str) -> tuple[str, Version, frozenset[Tag] | None] | None:
    """Name, version and tags that a file's name says; no tags for a source distribution. None when it says nothing."""
    found = WHEEL.fullmatch(filename)
    try:
        if found is None:
            return (*parse_sdist_filename(filename), None)
        expanded([found["tags"]])  # refuses what would expand without bounds
        name, version, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    return name, version, tags
