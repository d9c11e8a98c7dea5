"""A comparison as plain text for a terminal: the verdict, then the differences, grouped by effect on numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..compare import Comparison, FactDifference, ReadingDifference, ReplayDifference
from ..compare.candidates import without_twins
from ..compare.experiments import ExperimentComparison
from ..quoting.inert import shortened, visible
from . import operators
from .brief import JSON, whole_items
from .contrast import ENTRIES_SHOWN, VALUE_CHARACTERS, candidates, contrast, listed, sides, under

NAMES_SHOWN = 6
REPLAYS_SHOWN = 10
EFFECTS = (
    ("changes", "Changes numbers"),
    ("may", "May change numbers"),
    ("cannot", "Cannot change numbers"),
)
OPERATORS_SHOWN, CANDIDATES_SHOWN = 10, 5
VERDICTS = {
    "same": "Same: no difference that can change numbers was found.",
    "differs": "Different: something that can change numbers differs.",
    "cannot-tell": "Cannot tell: no such difference was found, but something that can change numbers is not known.",
    "error": "Error: A and B have digests by different algorithms, which cannot be compared.",
}


def text(comparison: Comparison, names: tuple[str, str], *, explain: bool = False) -> str:
    """The whole text; `names` describes A and B, `explain` adds the reason and source of each rule."""
    lines = [
        f"A: {visible(names[0])}",
        f"B: {visible(names[1])}",
        "",
        VERDICTS[comparison.verdict] + _counts(comparison),
    ]
    lines += [f"Note: {visible(note)}." for note in comparison.notes]
    lines += _program(comparison.experiment)
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
    """How many facts that change numbers differ, and in how many checks readings do; empty unless the sides differ."""
    facts = without_twins(comparison.facts)
    material = sum(one.outcome == "differs" and one.effect == "changes" for one in facts)
    checks = {one.check for one in comparison.readings if one.outcome == "differs"}
    checks |= {one.check for one in comparison.operators if one.differing}
    if comparison.verdict != "differs":
        return ""
    return f" Facts that change numbers: {material}. Checks whose readings differ: {len(checks)}."


def _program(found: ExperimentComparison | None) -> Iterator[str]:
    """The operators of the user's program: how many give other bits, which, and what may cause it."""
    if found is None:
        return
    differing = len(found.differing)
    yield f"\nOperators of the program: {differing} of {found.compared} give other bits"
    for one in found.differing[:OPERATORS_SHOWN]:
        where = f" at {one.where}" if one.where else ""
        agree = " (equal bits with one thread on both sides)" if one.equal_with_one_thread else ""
        yield f"  {visible(one.operator + where)}{agree}"
    if differing > OPERATORS_SHOWN:
        yield f"  and {differing - OPERATORS_SHOWN} more (--json has all)"
    if found.candidates:
        yield f"  Differing facts that can cause it: {visible(', '.join(found.candidates[:CANDIDATES_SHOWN]))}"
    if found.other_inputs:
        yield f"  {len(found.other_inputs)} could not be compared: their inputs differ"
    if found.unstable:
        yield f"  {len(found.unstable)} could not be compared: they do not repeat on one of the sides"
    if found.only_a or found.only_b:
        yield f"  measured on one side only: {found.only_a} in A, {found.only_b} in B"


def _replays(found: Sequence[ReplayDifference]) -> Iterator[str]:
    """Replayed experiments come before facts: environments are compared to know whether experiments give equal bits."""
    if found:
        yield f"\nReplayed experiments ({len(found)})"
    for one in found[:REPLAYS_SHOWN]:
        yield f"  {visible(shortened(' '.join(one.command), 2 * VALUE_CHARACTERS))}"
        yield f"    {one.outcome}: {visible(whole_items(one.reason, JSON, 4 * VALUE_CHARACTERS))}"
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
    """Differences that cannot change numbers: their names, in one paragraph."""
    if members:
        yield f"\n{title} ({len(members)}): {listed(dict.fromkeys(one.key for one in members))}"


def _blind(members: Sequence[FactDifference], *, explain: bool) -> Iterator[str]:
    """Facts whose equality is not known, by effect; facts that one side did not record are counted by subject."""
    if members:
        yield f"\nEquality not known ({len(members)})"
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
        yield "\nReadings that could not be compared"
    for (check, outcome, reason), members in groupby(others, key=lambda one: (one.check, one.outcome, one.reason)):
        names = list(dict.fromkeys(name for one in members for name in one.names))
        yield visible(f"  {check} ({outcome})" + (f": {listed(names)}" if names else "") + f": {reason}")


def _reading(check: str, found: Sequence[ReadingDifference], facts: dict[str, FactDifference]) -> Iterator[str]:
    """One check: the values under its first settings, the names under the others, and candidates for the cause."""
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
                yield f"    {side}: {visible(whole_items(message, JSON, 2 * VALUE_CHARACTERS))}"
