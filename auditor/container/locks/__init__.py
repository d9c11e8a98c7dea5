"""
A lock: for every audited distribution the sha256 of the file that its index serves under its name, version and tags.

An installation keeps no hash of its wheel, so an index has to be asked: the only part of this program that uses a
network. What it answers is validated (`pages.py`), bounded (`client.py`) and never trusted with more than a hash. pip
checks all hashes or none, so a lock is complete or there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import LockError
from ...manifest.models import Manifest
from . import local
from . import wanted as wanting
from .answers import Answer, gather
from .choose import FileChoice
from .indexes import PUBLIC, Index, chosen, recorded
from .pages import Listed
from .text import render
from .wanted import Wanted

if TYPE_CHECKING:
    from ..specs.indexes import PublisherIndex


@dataclass(frozen=True)
class Planned:
    """What will be asked, and of whom, before anything is."""

    wanted: tuple[Wanted, ...]
    indexes: tuple[Index, ...]
    """The user's, or the recorded ones, or the public default; in order, and the first that has a file gives it."""
    publishers: Mapping[str, Index]
    """Distribution to the index of its publisher, for builds (`+cu130`) that the default one does not carry."""
    notes: tuple[str, ...]
    """UNHASHED, for what no index is asked for."""
    remarks: tuple[str, ...]
    """Why recorded indexes are not asked."""
    wheels: Path | None = None
    """A folder of the user's with wheels, for what no index has."""

    def asked(self) -> tuple[Index, ...]:
        """Every index, once."""
        return tuple({index.url: index for index in (*self.indexes, *self.publishers.values())}.values())

    def announcement(self) -> str:
        """Who is asked for how much, as a sentence."""
        told = [f"{index.url} ({index.why})" for index in self.asked()]
        asked, number = ", ".join(told), len(self.wanted)
        return f"This command uses the network: it asks {asked} for the files of {number} distributions."


@dataclass(frozen=True)
class Locked:
    """What the indexes answered, and what the user's folder had."""

    text: str
    """The lock; empty when it would not be complete."""
    notes: tuple[str, ...]
    """UNHASHED, with a name and a reason, for each distribution without a hash; YANKED, BUILDS, TAGS, FILE."""
    files: Mapping[str, tuple[Listed, ...]]
    """Name to the files that were found, also where the lock is not complete."""
    sources: Mapping[str, Index]
    """Name to the index that has them."""
    requests: int
    """How often an index was asked."""


def plan(
    manifest: Manifest, index: str, publisher: Callable[[str, str], PublisherIndex | None], wheels: Path | None = None
) -> Planned:
    """
    Plan what to ask.

    `index` is the user's, or empty; its credentials are used and never shown. `publisher(name, version)` says where a
    build with a local version is published; `wheels` is a folder for what no index has. Raises
    UsageError for an index that cannot be asked.
    """
    wanted, notes = wanting.of_manifest(manifest)
    indexes, remarks = ([chosen(index)], []) if index else recorded(manifest)
    publishers = {}
    for one in wanted:
        place = publisher(one.name, one.text) if one.version.local else None
        if place:
            publishers[one.name] = Index.published(place, one.name)
    return Planned(tuple(wanted), tuple(indexes), publishers, tuple(notes), tuple(remarks), wheels)


def lock(planned: Planned, payload_sha256: str, told: Callable[[int, int], None]) -> Locked:
    """
    Ask the indexes and make the lock.

    `told(done, total)` is called after each answer. Raises LockError when none of the indexes can be reached.
    """
    asked, requests = gather(planned.wanted, lambda one: _order(planned, one), told)
    answers = [_completed(planned, one, answer) for one, answer in zip(planned.wanted, asked, strict=True)]
    _require_reached(planned, answers)
    notes = [*planned.notes]
    for one, answer in zip(planned.wanted, answers, strict=True):
        if not answer.chosen.files:
            notes.append(f"UNHASHED: {one}: {answer.chosen.problem}.")
        notes += answer.chosen.notes
    found = {one.name: answer for one, answer in zip(planned.wanted, answers, strict=True) if answer.chosen.files}
    complete = bool(found) and len(found) == len(planned.wanted) and not planned.notes
    return Locked(
        render(planned.wanted, found, payload_sha256) if complete else "",
        tuple(notes),
        {name: answer.chosen.files for name, answer in found.items()},
        {name: answer.index for name, answer in found.items() if answer.index},
        requests,
    )


def _completed(planned: Planned, one: Wanted, answer: Answer) -> Answer:
    """The answer; from the user's folder of wheels when no index has the distribution."""
    if answer.chosen.files or planned.wheels is None:
        return answer
    found = local.find(planned.wheels, one)
    if found.files:
        return Answer(found, None, reached=True)
    problem = f"{answer.chosen.problem}; --wheels has none that matches"
    return Answer(FileChoice(problem=problem), None, answer.reached)


def _order(planned: Planned, one: Wanted) -> list[Index]:
    """The indexes to ask for one distribution; the public default carries no build with a local version."""
    own = planned.publishers.get(one.name)
    general = [index for index in planned.indexes if not (own and index.url == PUBLIC)]
    return [*general, own] if own else general


def _require_reached(planned: Planned, answers: Sequence[Answer]) -> None:
    if not planned.wanted or any(answer.reached for answer in answers):
        return
    raise LockError(
        f"no index could be asked: {'; '.join(dict.fromkeys(answer.chosen.problem for answer in answers))}",
        "Nothing was locked and nothing written. Where there is no network, `auditor container write` gives the "
        "specification without hashes; name a mirror with --index.",
    )
