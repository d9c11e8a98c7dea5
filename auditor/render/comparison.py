"""A comparison as plain text for a terminal: the verdict first, then what differs, grouped by what it can do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pydantic import JsonValue

from ..compare import Comparison, FactDifference, ReadingDifference
from ..compare.candidates import without_twins
from ..compare.entries import Told
from .inert import shortened, told, visible

VALUE_CHARACTERS = 60
"""Characters of a value that are shown; `--json` has all of it."""
CONTEXT_CHARACTERS = 12
"""Characters of two long texts that are shown before the first that differs."""
ENTRIES_SHOWN = 12
"""Entries of one map, and candidates of one reading, that are listed before the rest is counted."""
NAMES_SHOWN = 6
EFFECTS = (
    ("changes", "Changes numbers"),
    ("may", "May change numbers"),
    ("cannot", "Cannot change numbers"),
)
VERDICTS = {
    "same": "The same: nothing that can change numbers differs.",
    "differs": "They differ materially.",
    "cannot-tell": "Cannot tell: nothing is known to differ, but something that decides numbers could not be told.",
    "error": "An error: digests by two algorithms stand against each other, and no two of them compare.",
}


def text(comparison: Comparison, names: tuple[str, str], *, explain: bool = False) -> str:
    """The whole text; `names` says what A and B are, `explain` adds each rule's reason and source."""
    lines = [f"A: {visible(names[0])}", f"B: {visible(names[1])}", "", VERDICTS[comparison.verdict]]
    lines += [f"Note: {visible(note)}." for note in comparison.notes]
    facts = without_twins(comparison.facts)
    for effect, title in EFFECTS:
        members = [one for one in facts if one.outcome == "differs" and one.effect == effect]
        brief = effect == "cannot" and not explain
        lines += _names_only(title, members) if brief else _group(title, members, explain=explain)
    lines += _blind([one for one in facts if one.outcome == "cannot-tell"], explain=explain)
    lines += _readings(comparison, {one.name: one for one in comparison.facts})
    lines += _findings(comparison)
    return "\n".join(lines)


def _group(title: str, members: Sequence[FactDifference], *, explain: bool) -> Iterator[str]:
    if members:
        yield f"\n{title} ({len(members)})"
    for key, found in groupby(members, key=lambda one: one.key):
        entries = list(found)
        for one in entries[:ENTRIES_SHOWN]:
            yield from _fact(one, explain=explain)
        if len(entries) > ENTRIES_SHOWN:
            yield f"  {visible(key)}: {len(entries) - ENTRIES_SHOWN} more entries (--json has all)"


def _fact(one: FactDifference, *, explain: bool) -> Iterator[str]:
    yield f"  {visible(one.name)}"
    yield from (f"    {line}" for line in _sides(one.a, one.b))
    if explain:
        yield f"    why: {visible(one.reason)}"
        yield f"    source: {visible(one.source)}"


def _sides(a: Told, b: Told) -> tuple[str, str]:
    """What both sides say, each behind its letter."""
    if a.state == b.state == "value":
        return _contrast(a.value, b.value)
    return f"A {_said(a)}", f"B {_said(b)}"


def _contrast(a: JsonValue, b: JsonValue) -> tuple[str, str]:
    """Two values, of which only a part is shown where they are long: the part that differs."""
    left, right = _parts(a), _parts(b)
    if left is not None and right is not None:
        alone = _not_in(left, right), _not_in(right, left)
        if max(len(left), len(right)) > 1 and any(alone):
            return f"only A: {_shown(alone[0])}", f"only B: {_shown(alone[1])}"
    if isinstance(a, dict) and isinstance(b, dict):
        names = [name for name in sorted({*a, *b}) if name not in a or name not in b or a[name] != b[name]]
        a, b = ({name: side[name] for name in names if name in side} for side in (a, b))
    elif isinstance(a, str) and isinstance(b, str) and told(a) == a and max(len(a), len(b)) > VALUE_CHARACTERS:
        shared = next(
            (place for place, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), len(min(a, b, key=len))
        )
        start = shared - CONTEXT_CHARACTERS
        a, b = (f"...{text[start:]}" for text in (a, b)) if start > 0 else (a, b)
    return f"A {_shown(a)}", f"B {_shown(b)}"


def _not_in(members: Sequence[JsonValue], others: Sequence[JsonValue]) -> list[JsonValue]:
    """Those that the others lack; by their text, since a hostile list may have a million members."""
    there = {json.dumps(item, sort_keys=True) for item in others}
    return [item for item in members if json.dumps(item, sort_keys=True) not in there]


def _parts(value: JsonValue) -> list[JsonValue] | None:
    """The members of a list, the lines of a text that has several."""
    if isinstance(value, str) and "\n" in value:
        return [line.strip() for line in value.splitlines()]
    return value if isinstance(value, list) else None


def _said(one: Told) -> str:
    if one.state == "value":
        return _shown(one.value)
    reason = f": {one.reason}" if one.reason else ""
    return visible(shortened(f"({one.state}{reason})", VALUE_CHARACTERS))


def _shown(value: JsonValue) -> str:
    if value in ("", [], {}):
        return "(nothing)"
    return visible(shortened(told(value), VALUE_CHARACTERS))


def _names_only(title: str, members: Sequence[FactDifference]) -> Iterator[str]:
    """What cannot matter is named, in one paragraph."""
    if members:
        yield f"\n{title} ({len(members)}): {_listed(dict.fromkeys(one.key for one in members))}"


def _blind(members: Sequence[FactDifference], *, explain: bool) -> Iterator[str]:
    """What could not be told, by effect; facts that one side never recorded are counted by subject."""
    if members:
        yield f"\nCannot be told ({len(members)})"
    for effect, title in EFFECTS:
        of_effect = [one for one in members if one.effect == effect]
        asked = [one for one in of_effect if "not-recorded" not in (one.a.state, one.b.state)]
        if asked:
            yield f"  {title.lower()}, unknown on both sides: {_listed(one.name for one in asked)}"
        for side in ("A", "B"):
            missing = [one for one in of_effect if (one.a if side == "A" else one.b).state == "not-recorded"]
            if missing:
                subjects = dict.fromkeys(one.key.split(".", maxsplit=1)[0] for one in missing)
                names = [one.key for one in missing] if explain else [f"{name}.*" for name in subjects]
                yield f"  {title.lower()}, not recorded in {side} ({len(missing)}): {_listed(names)}"


def _readings(comparison: Comparison, facts: dict[str, FactDifference]) -> Iterator[str]:
    differing = [one for one in comparison.readings if one.outcome == "differs"]
    if differing:
        yield f"\nReadings that differ (of checks: {len({one.check for one in differing})})"
    for check, found in groupby(differing, key=lambda one: one.check):
        yield from _reading(check, list(found), facts)
    others = [one for one in comparison.readings if one.outcome != "differs"]
    if others:
        yield "\nReadings from which nothing follows"
    for (check, outcome, reason), members in groupby(others, key=lambda one: (one.check, one.outcome, one.reason)):
        names = list(dict.fromkeys(name for one in members for name in one.names))
        yield visible(f"  {check} ({outcome})" + (f": {_listed(names)}" if names else "") + f": {reason}")


def _reading(check: str, found: Sequence[ReadingDifference], facts: dict[str, FactDifference]) -> Iterator[str]:
    """One check: the values of its first setting, the others by name, and what differs beside it."""
    first = found[0]
    yield f"  {visible(check)}{_under(first)}"
    for name in first.names[:NAMES_SHOWN]:
        a, b = _contrast(first.values[name].a, first.values[name].b)
        yield f"    {visible(name)}: {a}  {b}"
    if len(first.names) > NAMES_SHOWN:
        yield f"    and {len(first.names) - NAMES_SHOWN} more values"
    for other in found[1:]:
        same = other.names == first.names
        yield f"    also{_under(other)}: {'the same names' if same else _listed(other.names)}"
    if not first.candidates:
        yield "    No fact that changes numbers differs beside it: the cause is not among the recorded facts."
        return
    yield "    Candidates for the cause, most plausible first (they differ too, which proves nothing):"
    for number, name in enumerate(first.candidates[:ENTRIES_SHOWN], start=1):
        a, b = _sides(facts[name].a, facts[name].b)
        yield f"      {number}. {visible(name)} [{facts[name].cause}]: {a}, {b}"
    if len(first.candidates) > ENTRIES_SHOWN:
        yield f"      and {len(first.candidates) - ENTRIES_SHOWN} more"


def _under(one: ReadingDifference) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in sorted(one.settings.items()))
    return visible(f" with {settings}") if settings else ""


def _findings(comparison: Comparison) -> Iterator[str]:
    if comparison.findings:
        yield f"\nFindings whose outcome differs ({len(comparison.findings)})"
    for one in comparison.findings:
        yield f"  {visible(one.check)}: A {one.a}, B {one.b}"
        for side, outcome, message in (("A", one.a, one.message_a), ("B", one.b, one.message_b)):
            if outcome != "pass":
                yield f"    {side}: {visible(shortened(message, 2 * VALUE_CHARACTERS))}"


def _listed(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    found = [visible(name) for name in names]
    more = f" and {len(found) - ENTRIES_SHOWN} more" if len(found) > ENTRIES_SHOWN else ""
    return ", ".join(found[:ENTRIES_SHOWN]) + more
