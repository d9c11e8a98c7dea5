"""A comparison as plain text for a terminal: the verdict first, then what differs, grouped by what it can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..compare import Comparison, FactDifference, ReadingDifference, ReplayDifference
from ..compare.candidates import without_twins
from ..quoting.inert import shortened, visible
from . import operators
from .contrast import ENTRIES_SHOWN, VALUE_CHARACTERS, candidates, contrast, listed, sides, under

NAMES_SHOWN = 6
REPLAYS_SHOWN = 10
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
    lines = [
        f"A: {visible(names[0])}",
        f"B: {visible(names[1])}",
        "",
        VERDICTS[comparison.verdict] + _counts(comparison),
    ]
    lines += [f"Note: {visible(note)}." for note in comparison.notes]
    lines += _replays(comparison.replays)
    facts = without_twins(comparison.facts)
    for effect, title in EFFECTS:
        members = [one for one in facts if one.outcome == "differs" and one.effect == effect]
        brief = effect == "cannot" and not explain
        lines += _names_only(title, members) if brief else _group(title, members, explain=explain)
    lines += _blind([one for one in facts if one.outcome == "cannot-tell"], explain=explain)
    lines += _readings(comparison, {one.name: one for one in comparison.facts})
    lines += operators.told(comparison)
    lines += _findings(comparison)
    return "\n".join(lines)


def _counts(comparison: Comparison) -> str:
    """How much differs that matters, where something does."""
    facts = without_twins(comparison.facts)
    material = sum(one.outcome == "differs" and one.effect == "changes" for one in facts)
    checks = {one.check for one in comparison.readings if one.outcome == "differs"}
    checks |= {one.check for one in comparison.operators if one.differing}
    if comparison.verdict != "differs":
        return ""
    return f" Facts that change numbers: {material}. Checks whose readings differ: {len(checks)}."


def _replays(found: Sequence[ReplayDifference]) -> Iterator[str]:
    """Experiments come before facts: their bits are what environments are compared for."""
    if found:
        yield f"\nExperiments that were replayed ({len(found)})"
    for one in found[:REPLAYS_SHOWN]:
        yield f"  {visible(shortened(' '.join(one.command), 2 * VALUE_CHARACTERS))}"
        yield f"    {one.outcome}: {visible(shortened(one.reason, 4 * VALUE_CHARACTERS))}"
    if len(found) > REPLAYS_SHOWN:
        yield f"  and {len(found) - REPLAYS_SHOWN} more (--json has all)"


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
    yield from (f"    {line}" for line in sides(one.a, one.b))
    if explain:
        yield f"    why: {visible(one.reason)}"
        yield f"    source: {visible(one.source)}"


def _names_only(title: str, members: Sequence[FactDifference]) -> Iterator[str]:
    """What cannot matter is named, in one paragraph."""
    if members:
        yield f"\n{title} ({len(members)}): {listed(dict.fromkeys(one.key for one in members))}"


def _blind(members: Sequence[FactDifference], *, explain: bool) -> Iterator[str]:
    """What could not be told, by effect; facts that one side never recorded are counted by subject."""
    if members:
        yield f"\nCannot be told ({len(members)})"
    for effect, title in EFFECTS:
        of_effect = [one for one in members if one.effect == effect]
        asked = [one for one in of_effect if "not-recorded" not in (one.a.state, one.b.state)]
        if asked:
            yield f"  {title.lower()}, unknown on both sides: {listed(one.name for one in asked)}"
        for side in ("A", "B"):
            missing = [one for one in of_effect if (one.a if side == "A" else one.b).state == "not-recorded"]
            if missing:
                subjects = dict.fromkeys(one.key.split(".", maxsplit=1)[0] for one in missing)
                names = [one.key for one in missing] if explain else [f"{name}.*" for name in subjects]
                yield f"  {title.lower()}, not recorded in {side} ({len(missing)}): {listed(names)}"


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
        yield visible(f"  {check} ({outcome})" + (f": {listed(names)}" if names else "") + f": {reason}")


def _reading(check: str, found: Sequence[ReadingDifference], facts: dict[str, FactDifference]) -> Iterator[str]:
    """One check: the values of its first setting, the others by name, and what differs beside it."""
    first = found[0]
    yield f"  {visible(check)}{under(first.settings)}"
    for name in first.names[:NAMES_SHOWN]:
        a, b = contrast(first.values[name].a, first.values[name].b)
        yield f"    {visible(name)}: {a}  {b}"
    if len(first.names) > NAMES_SHOWN:
        yield f"    and {len(first.names) - NAMES_SHOWN} more values"
    for other in found[1:]:
        same = other.names == first.names
        yield f"    also{under(other.settings)}: {'the same names' if same else listed(other.names)}"
    yield from candidates(first.candidates, facts)


def _findings(comparison: Comparison) -> Iterator[str]:
    if comparison.findings:
        yield f"\nFindings whose outcome differs ({len(comparison.findings)})"
    for one in comparison.findings:
        yield f"  {visible(one.check)}: A {one.a}, B {one.b}"
        for side, outcome, message in (("A", one.a, one.message_a), ("B", one.b, one.message_b)):
            if outcome != "pass":
                yield f"    {side}: {visible(shortened(message, 2 * VALUE_CHARACTERS))}"
