"""Findings in the groups and the order of every report, each with the name by which links reach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...manifest.models import Finding, Predicate
from ...manifest.queries import of_program, of_release, of_setup
from ...render import defects, experiment, sections, summary

MOST_SHOWN = 300
"""Findings of a group that are shown; a catalogue has about a hundred checks."""


@dataclass(frozen=True)
class Told:
    """One failed finding as it is shown."""

    finding: Finding
    name: str
    """Unique on the page."""
    line: str
    """It in one line, as lists of defects tell it."""
    release: str
    reach: str
    evidence: str
    sure: str
    known: str
    minor: bool


@dataclass(frozen=True)
class Group:
    """Findings under one heading."""

    heading: str
    lead: str
    """A sentence before them; empty for none."""
    open: bool
    """Whether findings above low stand unfolded."""
    told: list[Told]
    more: int
    """Findings that are left out."""


def groups(predicate: Predicate) -> list[Group]:
    """The program, the set-up, defects that are reached, and those of which that is not known; empty ones left out."""
    found, asked = predicate.findings, predicate.experiment is not None
    setup, unknown = of_setup(found), of_release(found, reached=False)
    releases = summary.releases(unknown, predicate.facts)
    measured = f"Measured in {releases}. " if releases else ""
    reaches = (
        "Your program does not reach them, or whether it does is not known."
        if asked
        else "Whether your program reaches them is not known."
    )
    parts = (
        ("Your program", "", True, of_program(found)),
        (summary.heading(setup), "", True, setup),
        ("Defects of these releases that your program reaches", "", True, of_release(found, reached=True)),
        (
            "Defects of these releases",
            f"{measured}{reaches} They do not count for the exit code, unless `--count-unknown-reach` is given.",
            False,
            unknown,
        ),
    )
    seen: set[str] = set()
    return [
        Group(heading, lead, unfolded, _told(members, predicate, seen), max(0, len(members) - MOST_SHOWN))
        for heading, lead, unfolded, members in parts
        if members
    ]


def _told(members: Sequence[Finding], predicate: Predicate, seen: set[str]) -> list[Told]:
    return [
        Told(
            finding=one,
            name=_unique(one.check, seen),
            line=defects.line(one),
            release=summary.releases([one], predicate.facts) if one.kind == "release" else "",
            reach=experiment.reach_text(one),
            evidence=sections.evidence(one.evidence),
            sure=summary.how_sure(one),
            known=summary.KNOWN_WORDS[one.known],
            minor=one.severity in summary.MINOR,
        )
        for one in members[:MOST_SHOWN]
    ]


def _unique(check: str, seen: set[str]) -> str:
    """The check's id, the first time; then another text, since no two elements may share a name."""
    name = check
    while name in seen:
        name += " again"
    seen.add(name)
    return name
