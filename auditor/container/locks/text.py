"""Renders a lock for pip's --require-hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...quoting import dockerfile
from .answers import Answer
from .wanted import Wanted

HEADER = (
    "Every audited distribution with the sha256 of the file that has its name, version and tags on the index.",
    "An installation keeps no hash of its wheel: these are the index's, as it answered when this was written.",
    "pip checks all or none: with one --hash here, whatever has none, or another, is refused.",
)


def render(wanted: Sequence[Wanted], found: Mapping[str, Answer], payload_sha256: str) -> str:
    """The lock; sorted, so that the same answers give the same bytes. Raises ValueError for what is no digest."""
    indexes = {answer.index.url for answer in found.values() if answer.index}
    lines = [*HEADER, f"Manifest: sha256:{dockerfile.sha256(payload_sha256)}"]
    lines += [f"Index: {url}" for url in sorted(indexes)]
    entries = [f"# {dockerfile.comment(line)}" for line in lines]
    for one in wanted:
        files = found[one.name].chosen.files
        hashes = sorted({str(dockerfile.sha256(file.sha256)) for file in files})
        entries += [f"# {dockerfile.comment(note)}" for note in found[one.name].chosen.notes]
        pinned = f"{dockerfile.package(one.name)}=={dockerfile.version(one.text)}"
        entries.append(" \\\n".join([pinned, *(f"    --hash=sha256:{digest}" for digest in hashes)]))
    return "\n".join(entries) + "\n"
