"""Finds everything, decides about it, and removes what is to be removed when told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from ..errors import AuditorError, OutputError, as_text
from . import aside, audits, caches, decide, references, stores
from .entry import KINDS, Decision, Entry

Action = Literal["keep", "remove", "removed", "failed"]


@dataclass(frozen=True)
class Done:
    """One entry and what became of it."""

    entry: Entry
    action: Action
    """`remove`: it would be removed with --delete."""
    why: str = ""
    """Why it was kept, or why removing it failed."""


@dataclass(frozen=True)
class Looked:
    """What was found in all places."""

    decisions: Sequence[Decision]
    others: int
    """How many entries of the named folders are none of ours: they are left alone."""


def looked(
    folders: Sequence[Path], working: Path, kinds: Iterable[str] = (), older_than: timedelta | None = None
) -> Looked:
    """
    Look at the folders, the caches and what replays set aside, and decide about each.

    Raises UsageError for an invalid policy or for the folder of an audit, AuditorError for what cannot be read.
    """
    places = [*dict.fromkeys(folder.resolve() for folder in folders)]
    found = [audits.entries(place) for place in places]
    entries = [one for some, _ in found for one in some]
    try:
        entries += [*caches.entries(), *stores.entries()]
    except OSError as problem:
        raise AuditorError(f"a cache cannot be read: {problem}", "Nothing was removed.") from problem
    wanted = {*kinds} or {*KINDS}
    order = [*KINDS]
    chosen = sorted((one for one in entries if one.kind in wanted), key=lambda one: (order.index(one.kind), one.since))
    referring = references.found([*places, working])
    now = datetime.now(timezone.utc)
    decisions = decide.decided(chosen, referring, now=now, older_than=older_than, working=working)
    return Looked(decisions, sum(others for _, others in found))


def listed(decisions: Iterable[Decision]) -> list[Done]:
    """What --delete would do."""
    return [Done(one.entry, "keep" if one.keep else "remove", one.keep) for one in decisions]


def carried_out(decisions: Iterable[Decision]) -> list[Done]:
    """Remove what is to be removed, each whole; what fails is told and hinders no other."""
    return [Done(one.entry, "keep", one.keep) if one.keep else _removed(one.entry) for one in decisions]


def _removed(entry: Entry) -> Done:
    try:
        (stores.remove if entry.kind == "replay" else aside.remove)(entry)
    except (OutputError, AuditorError) as problem:
        return Done(entry, "failed", as_text(problem))
    return Done(entry, "removed")
