"""What is removed and what stays: a pure rule over what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from . import references
from .entry import Decision, Entry
from .references import Reference


def decided(
    entries: Iterable[Entry],
    referring: Sequence[Reference],
    *,
    now: datetime,
    older_than: timedelta | None = None,
    working: Path | None = None,
) -> list[Decision]:
    """A decision for each entry, in their order. `working` is the folder in which the command runs."""
    return [Decision(one, _keep(one, referring, now, older_than, working)) for one in entries]


def _keep(
    entry: Entry, referring: Sequence[Reference], now: datetime, older_than: timedelta | None, working: Path | None
) -> str:
    if entry.keep:
        return entry.keep
    if working is not None and (working == entry.path or entry.path in working.parents):
        return "it is the working folder, or around it"
    if named := references.why_kept(entry, referring):
        return named
    if older_than is not None and now - entry.since < older_than:
        return "it is younger than --older-than"
    return ""
