"""`CITATION.cff` (Citation File Format 1.2.0): how to cite the crate, as YAML whose texts are all quoted."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .. import moment
from ..source import Reported
from .metadata import title
from .stated import SPDX, Stated

NAME = "CITATION.cff"
NOBODY = "Anonymous"


def render(reported: Reported, stated: Stated) -> bytes:
    """The whole file. Raises ManifestError for a manifest that does not say when its audit finished."""
    return ("\n".join(_lines(reported, stated)) + "\n").encode()


def _lines(reported: Reported, stated: Stated) -> Iterator[str]:
    yield "cff-version: 1.2.0"
    yield f"message: {_text('If you use this audit, please cite it with the metadata of this file.')}"
    yield f"title: {_text(title(reported))}"
    yield "type: dataset"
    yield f"date-released: {moment.finished(reported.manifest.predicate.run.finished_on).date().isoformat()}"
    yield "authors:"
    yield from (_author(name) for name in stated.authors or (NOBODY,))
    yield "identifiers:"
    yield "  - type: other"
    yield f"    value: {_text(f'sha256:{reported.sha256}')}"
    yield f"    description: {_text('The digest of the manifest of the audit.')}"
    if SPDX.fullmatch(stated.licence):
        yield f"license: {_text(stated.licence)}"
    elif stated.licence:
        yield f"license-url: {_text(stated.licence)}"
    yield "keywords:"
    yield from (f"  - {word}" for word in ("reproducibility", "determinism", "audit"))


def _author(name: str) -> str:
    """`Family, Given` as a person; any other name whole, as that of a group or of a person with one name."""
    family, comma, given = name.partition(",")
    if comma and family.strip() and given.strip():
        return f"  - family-names: {_text(family.strip())}\n    given-names: {_text(given.strip())}"
    return f"  - name: {_text(name.strip())}"


def _text(value: str) -> str:
    """A double-quoted scalar. JSON's quoting is YAML's; characters beyond ASCII stay, as YAML has no surrogates."""
    return json.dumps(value, ensure_ascii=False)
