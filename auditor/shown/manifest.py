"""A manifest: what `audit`, `replay --attach` or `container verify` ended with, and where its files are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..manifest.models import Manifest
from ..quoting.inert import visible
from ..render import attached, claims, rebuild
from ..signing import trust

BESIDE = {"report": "report.md", "container spec": "specs/Dockerfile"}
"""Files of an audit's folder that a person looks for."""


def paths(path: Path, signature: str) -> dict[str, str]:
    """What each file is, to its path: the manifest, what stands beside it in a folder, and its signature."""
    beside = {what: path / name for what, name in BESIDE.items()} if path.is_dir() else {}
    there = {what: str(place) for what, place in beside.items() if place.is_file()}
    report = {"report": there.pop("report")} if "report" in there else {}
    return {**report, "manifest": str(trust.locate(path)), **there, "signature": signature}


def joined(manifest: Manifest) -> Iterator[str]:
    """The verdicts of replays, claims and rebuilds that the manifest holds, each with its rows."""
    for one in manifest.predicate.replays:
        yield attached.verdict(one)
        yield from (f"  {title}: {text}" for title, text in attached.rows(one))
        yield ""
    for claim in manifest.predicate.claims:
        yield claims.verdict(claim)
        yield from (f"  {title}: {text}" for title, text in claims.rows(claim))
        yield ""
    for rebuilt in manifest.predicate.rebuilds:
        yield rebuild.WORDS[rebuilt.verdict]
        yield from (f"  {title}: {text}" for title, text in rebuild.rows(rebuilt))
        yield ""


def alone(manifest: Manifest) -> bool:
    """Whether it holds a replay, a claim or a rebuild and no audit, so that counts of findings would say nothing."""
    held = manifest.predicate
    return bool(held.replays or held.claims or held.rebuilds) and not held.findings


def where(places: Mapping[str, str]) -> Iterator[str]:
    """The files, as the summary of an audit lists them."""
    yield "Where it is"
    yield from (f"  {name}: {visible(place)}" for name, place in places.items())
