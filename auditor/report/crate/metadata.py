"""
`ro-crate-metadata.json`: the description of a crate, as JSON-LD.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) and Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5). It is a
flat list of dictionaries, so that the library `rocrate`, which imports an HTTP client and writes the time of today,
would be more code than this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from ...manifest.models import Predicate
from ...manifest.strict_json import canonical
from ...quoting.inert import visible
from ...render import claims
from .. import moment
from ..outcome import outcome
from ..paper import reference
from ..source import Reported
from .parts import AUDIT, Part, named_traces
from .stated import Stated

NAME = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
"""The context of RO-Crate 1.1 does not know `sha256`; those from 1.2 on define it so."""
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE, PROFILE_VERSION = "https://w3id.org/ro/wfrun/process/0.5", "0.5"
ACTION, PROGRAM = "#audit", "urn:auditor:program"
UNSTATED = "No licence is stated: ask the authors before you use it."
Entity = dict[str, Any]


def described(reported: Reported, parts: Sequence[Part], stated: Stated) -> bytes:
    """The whole file. Raises ManifestError for a manifest that does not say when its audit finished."""
    graph = [*_head(), _root(reported, parts, stated), *_action(reported, parts, stated)]
    graph += [*_claims(reported), *_people(stated), *_licence(stated), *map(_file, parts)]
    return canonical({"@context": CONTEXT, "@graph": graph}) + b"\n"


def _head() -> Iterator[Entity]:
    yield {
        "@id": NAME,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": SPECIFICATION},
    }
    yield {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": PROFILE_VERSION}


def title(reported: Reported) -> str:
    """The name of the crate."""
    return f"Reproducibility audit of {reported.date}"


def description(reported: Reported, parts: Sequence[Part]) -> str:
    """What came out, who vouches for it, how to verify it, and which traces are not in the crate."""
    predicate = reported.manifest.predicate
    told = f"{outcome(predicate).words}; tier {predicate.run.tier}. {reference.named(reported)}"
    there = {part.name.rpartition("/")[2] for part in parts}
    absent = [name for name in named_traces(reported.manifest) if name not in there]
    without = f" Not in this crate: {len(absent)} traces that the manifest names." if absent else ""
    return visible(f"{told}; {reference.how(reported)}: {command(reported, parts)}.{without}")


def command(reported: Reported, parts: Sequence[Part]) -> str:
    """The command that checks the audit in the crate."""
    names = {part.name for part in parts}
    place = AUDIT if reported.folder is not None else f"{AUDIT}/manifest.dsse.json"
    if not reported.signed or (reported.folder is None and place not in names):
        return f"auditor report {AUDIT}/manifest.json --format json | sha256sum"
    return f"auditor verify {place} --key signer.pub"


def _root(reported: Reported, parts: Sequence[Part], stated: Stated) -> Entity:
    found: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": title(reported),
        "description": description(reported, parts),
        "datePublished": moment.finished(reported.manifest.predicate.run.finished_on).date().isoformat(),
        "conformsTo": {"@id": PROFILE},
        "identifier": f"sha256:{reported.sha256}",
        "license": {"@id": stated.licence_address} if stated.licence else UNSTATED,
        "keywords": "reproducibility, determinism, audit",
        "hasPart": [_reference(part) for part in parts],
        "mentions": _mentions(reported),
    }
    return {**found, "author": _author_references(stated)} if stated.authors else found


def _mentions(reported: Reported) -> Entity | list[Entity]:
    """The audit, and the claims if there are any; a single one is no list, as RO-Crate recommends."""
    found: list[Entity] = [{"@id": one} for one in (ACTION, *(entity["@id"] for entity in _claims(reported)))]
    return found[0] if len(found) == 1 else found


def _claims(reported: Reported) -> Iterator[Entity]:
    """Each number that was judged, with its verdict; its runs, seeds and traces stand in the manifest."""
    for number, one in enumerate(reported.manifest.predicate.claims, start=1):
        yield {
            "@id": f"#claim-{number}",
            "@type": "Claim",
            "name": visible(claims.table([one])[0][0]),
            "description": visible(" ".join([claims.verdict(one), *claims.advice(one)])),
            "isBasedOn": {"@id": ACTION},
        }


def _action(reported: Reported, parts: Sequence[Part], stated: Stated) -> Iterator[Entity]:
    """The audit as an action of the program; its result are all files but those that were made for the crate."""
    predicate = reported.manifest.predicate
    made: Entity = {
        "@id": ACTION,
        "@type": "CreateAction",
        "name": f"auditor {_what(predicate)}",
        "description": visible(outcome(predicate).words),
        "endTime": moment.written(moment.finished(predicate.run.finished_on)),
        "instrument": {"@id": PROGRAM},
        "result": [_reference(part) for part in parts if "/" in part.name],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    started = moment.parsed(predicate.run.started_on)
    if started is not None:
        made["startTime"] = moment.written(started)
    if stated.authors:
        made["agent"] = _author_references(stated)
    yield made
    yield _program(predicate)


def _what(predicate: Predicate) -> str:
    if predicate.claims:
        return "claim"
    return "replay" if predicate.replays else "audit"


def _program(predicate: Predicate) -> Entity:
    return {
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": "auditor",
        "description": "A reproducibility and environment auditor for PyTorch, TensorFlow and JAX.",
        "version": visible(predicate.auditor.version),
        "identifier": f"sha256:{predicate.auditor.payload_sha256}",
    }


def _author_references(stated: Stated) -> Entity | list[Entity]:
    """All of them; one author is no list, as RO-Crate recommends."""
    found: list[Entity] = [{"@id": _person(number)} for number, _ in enumerate(stated.authors, start=1)]
    return found[0] if len(found) == 1 else found


def _people(stated: Stated) -> Iterator[Entity]:
    for number, name in enumerate(stated.authors, start=1):
        yield {"@id": _person(number), "@type": "Person", "name": name}


def _person(number: int) -> str:
    return f"#author-{number}"


def _licence(stated: Stated) -> Iterator[Entity]:
    if stated.licence:
        yield {
            "@id": stated.licence_address,
            "@type": "CreativeWork",
            "name": stated.licence,
            "description": "The licence of this crate, as its authors stated it.",
        }


def _file(part: Part) -> Entity:
    return {
        "@id": _place(part),
        "@type": "File",
        "name": part.name.rpartition("/")[2],
        "description": part.meaning,
        "encodingFormat": part.media,
        "contentSize": str(part.size_bytes),
        "sha256": part.sha256,
    }


def _reference(part: Part) -> Entity:
    return {"@id": _place(part)}


def _place(part: Part) -> str:
    """The file's address relative to the crate: a name with any character stays one path (RFC 3986)."""
    return quote(part.name)
