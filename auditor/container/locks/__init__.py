"""
Locks: for every audited distribution, the sha256 of the index's file with its name, version and tags.

An installation keeps no hash of its wheel, so the index is queried; no other part of this program uses the network. Its
answers are validated (`pages.py`) and bounded (`client.py`), and only hashes are used. pip checks all hashes or none,
so a lock is written only if it is complete.
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
    """The planned queries."""

    wanted: tuple[Wanted, ...]
    indexes: tuple[Index, ...]
    """The user's index, else the recorded ones, else the public default; the first that has a file is used."""
    publishers: Mapping[str, Index]
    """Distribution to its publisher's index, for builds (`+cu130`) that the default index does not have."""
    notes: tuple[str, ...]
    """UNHASHED notes for distributions that are not queried."""
    remarks: tuple[str, ...]
    """Why recorded indexes are not queried."""
    wheels: Path | None = None
    """The user's folder of wheels, for distributions that no index has."""

    def asked(self) -> tuple[Index, ...]:
        """Every index, once."""
        return tuple({index.url: index for index in (*self.indexes, *self.publishers.values())}.values())

    def announcement(self) -> str:
        """The queried indexes and the number of distributions, as a sentence."""
        told = [f"{index.url} ({index.why})" for index in self.asked()]
        asked, number = ", ".join(told), len(self.wanted)
        return f"This command uses the network: it queries {asked} for the files of {number} distributions."


@dataclass(frozen=True)
class Locked:
    """The result from the indexes and the user's folder."""

    text: str
    """The lock; empty if it is incomplete."""
    notes: tuple[str, ...]
    """UNHASHED, with a name and a reason, for each distribution without a hash; YANKED, BUILDS, TAGS, FILE."""
    files: Mapping[str, tuple[Listed, ...]]
    """Name to the files found, also for an incomplete lock."""
    sources: Mapping[str, Index]
    """Name to the index that has them."""
    requests: int
    """Number of requests."""


def plan(
    manifest: Manifest, index: str, publisher: Callable[[str, str], PublisherIndex | None], wheels: Path | None = None
) -> Planned:
    """
    Plan the queries.

    `index` is the user's, or empty; its credentials are used and never shown. `publisher(name, version)` returns the
    location of a build with a local version; `wheels` is a folder for distributions that no index has. Raises
    UsageError for an invalid index.
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
    Query the indexes and make the lock.

    `told(done, total)` is called after each answer. Raises LockError if no index can be reached.
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
    """The answer, from the user's folder of wheels if no index has the distribution."""
    if answer.chosen.files or planned.wheels is None:
        return answer
    found = local.find(planned.wheels, one)
    if found.files:
        return Answer(found, None, reached=True)
    problem = f"{answer.chosen.problem}; --wheels has none that matches"
    return Answer(FileChoice(problem=problem), None, answer.reached)


def _order(planned: Planned, one: Wanted) -> list[Index]:
    """The indexes to query for one distribution; the public default has no builds with a local version."""
    own = planned.publishers.get(one.name)
    general = [index for index in planned.indexes if not (own and index.url == PUBLIC)]
    return [*general, own] if own else general


def _require_reached(planned: Planned, answers: Sequence[Answer]) -> None:
    if not planned.wanted or any(answer.reached for answer in answers):
        return
    raise LockError(
        f"no index could be reached: {'; '.join(dict.fromkeys(answer.chosen.problem for answer in answers))}",
        "Nothing was locked or written. Name a mirror with --index; without a network, use `auditor container write`, "
        "which writes no hashes.",
    )
