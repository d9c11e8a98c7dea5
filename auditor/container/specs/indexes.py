"""The publisher's index of a build whose version has a local part (`+cu130`), if known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .tables import table


@dataclass(frozen=True)
class PublisherIndex:
    """The location of a publisher's builds."""

    url: str
    kind: str
    """`index` (simple repository API) or `find-links` (a page of links)."""
    source: str


def publisher(name: str, version: str) -> PublisherIndex | None:
    """Where the build of this PEP 503 name and version is published; None if the table does not have its label."""
    label = version.partition("+")[2].lower()
    for entry in table("indexes")["publisher"]:
        matched = re.fullmatch(entry["label"], label) if name in entry["distributions"] else None
        if matched:
            url = entry["url"].format(label=label, **matched.groupdict())
            return PublisherIndex(url, entry["kind"], entry["source"])
    return None
