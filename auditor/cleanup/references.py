"""What a project refers to: the baselines of its policies, and claims that were signed for a paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import AuditorError
from ..gate.baseline import default_name
from ..gate.policy.source import Source, in_working_tree
from ..quoting.inert import visible
from ..signing import trust
from . import audits
from .entry import Entry

HEX = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
CLAIMS = "claims"
"""The field of a manifest's predicate that holds claims of a paper."""
UNKNOWN = (
    "Nothing was removed, since it is not known to which audits it refers. Mend it, or name another in the policy."
)


@dataclass(frozen=True)
class Reference:
    """A file that refers to audits and traces."""

    told: str
    """For people: `the baseline auditor-baseline.dsse.json`."""
    place: Path
    """Its real path."""
    digests: frozenset[str]
    """Of its own payload, and all that its payload names."""


def found(folders: Iterable[Path]) -> list[Reference]:
    """
    The references in these folders, which hold audits, and in the projects to which they belong.

    Raises UsageError for an invalid policy, AuditorError for a baseline that cannot be read: it must not look absent.
    """
    sources = {source.folder: source for source in map(in_working_tree, folders)}
    told = [one for source in sources.values() if (one := _baseline(source))]
    places = dict.fromkeys(path.resolve() for path in (*folders, *sources))
    return [*told, *(one for place in places for one in _claims(place))]


def _baseline(source: Source) -> Reference | None:
    """The baseline that the policy names, or that lies at the default place."""
    name = default_name(source)
    path = source.folder / name
    if not path.exists():
        return None
    read = audits.manifest_in(path.resolve())
    if read is None:
        raise AuditorError(f"{visible(str(path))}, the baseline, cannot be read as a manifest", UNKNOWN)
    return _reference(f"the baseline {visible(name)}", path, read)


def _claims(folder: Path) -> Iterator[Reference]:
    """Manifests with claims, in files of a folder and in the audits in it."""
    if not folder.is_dir():
        return
    for path in sorted([*folder.glob("*.dsse.json"), *folder.glob(f"*/{trust.ENVELOPE_NAME}")]):
        read = audits.manifest_in(path)
        predicate = read.document.get("predicate") if read else None
        if read and isinstance(predicate, dict) and predicate.get(CLAIMS):
            yield _reference(f"the claim in {visible(str(path.relative_to(folder)))}", path, read)


def _reference(told: str, path: Path, read: audits.Read) -> Reference:
    named = (found[0].decode("ascii") for found in HEX.finditer(read.payload))
    return Reference(told, path.resolve(), frozenset({read.sha256, *named}))


def why_kept(entry: Entry, references: Iterable[Reference]) -> str:
    """Who refers to an entry; empty if nobody does. Traces are hashed only where somebody refers to anything."""
    wanted = [*references]
    for one in wanted:
        if one.place == entry.path or entry.path in one.place.parents:
            return f"{one.told} lies in it"
    own = frozenset(audits.digests(entry)) if wanted else frozenset[str]()
    return next((f"{one.told} refers to it" for one in wanted if own & one.digests), "")
