"""What was found and done, as lines for people and as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from .carried_out import Done
from .entry import KINDS

SCHEMA = "urn:auditor:clean:v0.1"
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
UNIT_STEP = 1024
NOTHING = "Nothing of auditor's was found."


def document(done: Sequence[Done], others: int, now: datetime) -> dict[str, Any]:
    """All of it as JSON."""
    return {
        "schema": SCHEMA,
        "entries": [_object(one, now) for one in done],
        "others": others,
        "totals": {
            action: {"entries": len(chosen), "bytes": sum(one.entry.size_bytes for one in chosen)}
            for action in ("keep", "remove", "removed", "failed")
            for chosen in [[one for one in done if one.action == action]]
        },
    }


def _object(one: Done, now: datetime) -> dict[str, Any]:
    entry = one.entry
    return {
        "kind": entry.kind,
        "path": str(entry.path),
        "bytes": entry.size_bytes,
        "files": entry.files,
        "since": entry.since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ageSeconds": max(0, int((now - entry.since).total_seconds())),
        "signed": entry.signed,
        "sha256": entry.sha256 or None,
        "action": one.action,
        "why": one.why,
    }


def lines(done: Sequence[Done], others: int, now: datetime, working: Path) -> Iterator[str]:
    """One line for each entry, with a second one that says why it stays; files of the catalogue share a line."""
    if not done:
        yield NOTHING
    for kind, some in groupby(done, key=lambda one: one.entry.kind):
        yield f"{KINDS[kind]}:".capitalize()
        for group in _folded([*some]):
            yield from _told(group, now, working)
    if others:
        yield f"Left alone: {_counted(others, 'other file or folder', 'other files and folders')} beside them."
    if done:
        yield ""
        yield _total(done)


def _folded(some: Sequence[Done]) -> Iterator[list[Done]]:
    """Each by itself; files of the catalogue by what becomes of them."""
    if some[0].entry.kind != "catalogue":
        yield from ([one] for one in some)
        return
    for _, group in groupby(sorted(some, key=lambda one: (one.action, one.why)), key=lambda one: (one.action, one.why)):
        yield [*group]


def _told(group: Sequence[Done], now: datetime, working: Path) -> Iterator[str]:
    first = group[0]
    ages = sorted((now - one.entry.since for one in group), reverse=True)
    age = _age(ages[0]) if len(group) == 1 else f"up to {_age(ages[0])}"
    folded = first.entry.kind == "catalogue"
    place = first.entry.path.parent if folded else first.entry.path
    count = f" ({_counted(len(group), 'file', 'files')})" if folded else ""
    size = _size(sum(one.entry.size_bytes for one in group))
    yield f"  {first.action:<7} {size:>10}  {age:<8}  {_near(place, working)}{count}"
    if first.why:
        yield f"      {first.why}"


def _total(done: Sequence[Done]) -> str:
    removed = [one for one in done if one.action == "removed"]
    failed = [one for one in done if one.action == "failed"]
    would = [one for one in done if one.action == "remove"]
    if removed or failed:
        lost = f"; {len(failed)} could not be removed" if failed else ""
        return f"Removed {len(removed)} of {len(done)}, {_sum(removed)}{lost}."
    if would:
        return f"Nothing was removed. --delete would remove {len(would)} of {len(done)}, {_sum(would)}."
    return "Nothing is to be removed."


def _sum(some: Sequence[Done]) -> str:
    return _size(sum(one.entry.size_bytes for one in some))


def _near(path: Path, working: Path) -> str:
    """The path as a user types it: relative to the working folder or to the home where it lies below."""
    if path.is_relative_to(working):
        return str(path.relative_to(working))
    home = os.environ.get("HOME", "")
    return f"~/{path.relative_to(home)}" if home.startswith("/") and path.is_relative_to(home) else str(path)


def _size(count: int) -> str:
    number, unit = float(count), 0
    while number >= UNIT_STEP and unit < len(UNITS) - 1:
        number, unit = number / UNIT_STEP, unit + 1
    return f"{count} B" if unit == 0 else f"{number:.1f} {UNITS[unit]}"


def _age(since: timedelta) -> str:
    minutes = max(0, int(since.total_seconds() // 60))
    for unit, length in (("day", 24 * 60), ("hour", 60)):
        if minutes >= length:
            return _counted(minutes // length, unit, unit + "s")
    return f"{minutes} min"


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
