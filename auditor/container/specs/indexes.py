"""Which index holds a build whose version has a local part (`+cu130`): the publisher's, when it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .tables import table


@dataclass(frozen=True)
class PublisherIndex:
    """Where a publisher keeps builds of its own."""

    url: str
    kind: str
    """`index` (simple repository API) or `find-links` (a page of links)."""
    source: str


def publisher(name: str, version: str) -> PublisherIndex | None:
    """Where the build of this PEP 503 name and version is published; None when the table does not know its label."""
    label = version.partition("+")[2].lower()
    for entry in table("indexes")["publisher"]:
        matched = re.fullmatch(entry["label"], label) if name in entry["distributions"] else None
        if matched:
            url = entry["url"].format(label=label, **matched.groupdict())
            return PublisherIndex(url, entry["kind"], entry["source"])
    return None
