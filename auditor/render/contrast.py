"""Two sides compared in short text: values, lists of names, and candidates for a cause."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import JsonValue

from ..compare import FactDifference
from ..compare.entries import EntryState
from ..quoting.inert import as_text, shortened, visible

VALUE_CHARACTERS = 60
"""Characters of a value that are shown; `--json` has all of it."""
CONTEXT_CHARACTERS = 12
"""Characters of two long texts that are shown before the first that differs."""
ENTRIES_SHOWN = 12
"""Entries of one map, and names in a list, that are shown; the rest are counted."""
REASONS_SHOWN = 3
"""Candidates whose reason is shown: the most plausible ones."""


def sides(a: EntryState, b: EntryState) -> tuple[str, str]:
    """The states or values of both sides, each after its letter."""
    if a.state == b.state == "value":
        return contrast(a.value, b.value)
    return f"A {_said(a)}", f"B {_said(b)}"


def contrast(a: JsonValue, b: JsonValue) -> tuple[str, str]:
    """Two values; of long ones only the part that differs."""
    left, right = _parts(a), _parts(b)
    if left is not None and right is not None:
        alone = _not_in(left, right), _not_in(right, left)
        if max(len(left), len(right)) > 1 and any(alone):
            return f"only A: {_shown(alone[0])}", f"only B: {_shown(alone[1])}"
    if isinstance(a, dict) and isinstance(b, dict):
        names = [name for name in sorted({*a, *b}) if name not in a or name not in b or a[name] != b[name]]
        a, b = ({name: side[name] for name in names if name in side} for side in (a, b))
    elif isinstance(a, str) and isinstance(b, str) and as_text(a) == a and max(len(a), len(b)) > VALUE_CHARACTERS:
        shared = next(
            (place for place, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), len(min(a, b, key=len))
        )
        start = shared - CONTEXT_CHARACTERS
        a, b = (f"...{text[start:]}" for text in (a, b)) if start > 0 else (a, b)
    return f"A {_shown(a)}", f"B {_shown(b)}"


def _not_in(members: Sequence[JsonValue], others: Sequence[JsonValue]) -> list[JsonValue]:
    """The members that the others lack; compared as text in a set, since a hostile list may have a million members."""
    there = {json.dumps(item, sort_keys=True) for item in others}
    return [item for item in members if json.dumps(item, sort_keys=True) not in there]


def _parts(value: JsonValue) -> list[JsonValue] | None:
    """The members of a list, the lines of a text that has several."""
    if isinstance(value, str) and "\n" in value:
        return [line.strip() for line in value.splitlines()]
    return value if isinstance(value, list) else None


def _said(one: EntryState) -> str:
    if one.state == "value":
        return _shown(one.value)
    reason = f": {one.reason}" if one.reason else ""
    return visible(shortened(f"({one.state}{reason})", VALUE_CHARACTERS))


def _shown(value: JsonValue) -> str:
    if value in ("", [], {}):
        return "(nothing)"
    return visible(shortened(as_text(value), VALUE_CHARACTERS))


def candidates(names: Sequence[str], facts: Mapping[str, FactDifference]) -> Iterator[str]:
    """Differing facts that could be the cause of a differing reading; the most plausible ones with reasons."""
    if not names:
        yield "    No differing fact is known to change numbers: the cause is not among the recorded facts."
        return
    if len(names) == 1:
        yield "    The only differing fact that can change this framework's numbers (to prove it, change it alone):"
    else:
        yield "    Differing facts that could be the cause, most plausible first (to prove one, change it alone):"
    for number, name in enumerate(names[:ENTRIES_SHOWN], start=1):
        a, b = sides(facts[name].a, facts[name].b)
        yield f"      {number}. {visible(name)} [{facts[name].cause}]: {a}, {b}"
        reason, following = facts[name].reason, names[number : number + 1]
        if number <= REASONS_SHOWN and not any(facts[other].reason == reason for other in following):
            yield f"         {visible(reason)}"
    if len(names) > ENTRIES_SHOWN:
        yield f"      and {len(names) - ENTRIES_SHOWN} more"


def under(settings: Mapping[str, str]) -> str:
    """The settings of a process, to append to a check's name; empty for the unchanged environment."""
    text = ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))
    return visible(f" with {text}") if text else ""


def listed(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    found = [visible(name) for name in names]
    more = f" and {len(found) - ENTRIES_SHOWN} more" if len(found) > ENTRIES_SHOWN else ""
    return ", ".join(found[:ENTRIES_SHOWN]) + more
