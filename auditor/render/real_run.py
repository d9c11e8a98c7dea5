"""The facts of a real run as plain text: where each process differs from a bare interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from ..manifest.models import Fact
from ..quoting.inert import as_text, shortened, visible

MOST_CHARACTERS = 60
MOST_ITEMS = 6
MOST_PROCESSES = 20
"""Processes that are shown; the JSON has all of them."""


class ChangedFact(Protocol):
    """One fact in a bare interpreter and in the run: `audit.defaults.ChangedFact`, which this layer may not import."""

    @property
    def default(self) -> Fact: ...  # noqa: D102 - as in defaults.py
    @property
    def real(self) -> Fact: ...  # noqa: D102 - as in defaults.py


def process(name: str, changed: Mapping[str, ChangedFact] | None) -> list[str]:
    """One process: its name, and one line for each fact that differs; None when nothing was compared."""
    if changed is None:
        return [visible(name)]
    if not changed:
        return [f"{visible(name)}: every switch and thread count as in a bare interpreter"]
    lines = [f"{visible(name)}: {len(changed)} facts differ from a bare interpreter (default -> here)"]
    return lines + [f"  {visible(key):<44} {_change(one.default, one.real)}" for key, one in changed.items()]


def others(lines: Sequence[list[str]]) -> list[str]:
    """The run's other processes; equal ones are counted, and at most `MOST_PROCESSES` kinds are shown."""
    counted: dict[tuple[str, ...], list[str]] = {}
    for first, *rest in lines:
        name, _, claim = first.partition(": ")
        counted.setdefault((claim, *rest), []).append(name)
    shown = []
    for (claim, *rest), names in list(counted.items())[:MOST_PROCESSES]:
        shown += [named(names, claim), *rest]
    if len(counted) > MOST_PROCESSES:
        shown.append(f"({len(counted) - MOST_PROCESSES} more kinds of process: see the JSON)")
    return shown


def named(names: Sequence[str], claim: str) -> str:
    """A statement about one process, or about several of which the same holds."""
    several = f"{names[0]} and {len(names) - 1} more like it" if len(names) > 1 else names[0]
    return f"{several}: {claim}" if claim else several


def _change(default: Fact, real: Fact) -> str:
    before, now = default.value, real.value
    if isinstance(before, list) and isinstance(now, list):
        return _items(_lines(before), _lines(now))
    if isinstance(before, dict) and isinstance(now, dict):
        return _items(_pairs(before), _pairs(now))
    return f"{_shown(default)} -> {_shown(real)}"


def _items(before: Sequence[str], now: Sequence[str]) -> str:
    """The members added to a collection (+) and removed from it (-)."""
    changed = [f"-{item}" for item in before if item not in now] + [f"+{item}" for item in now if item not in before]
    most = [visible(shortened(item, MOST_CHARACTERS)) for item in changed[:MOST_ITEMS]]
    return ", ".join(most) + (f" ({len(changed) - MOST_ITEMS} more)" if len(changed) > MOST_ITEMS else "")


def _lines(items: Sequence[JsonValue]) -> list[str]:
    """The items of a list; a mapped library (which has a path) as its name alone."""
    return [str(item["library"]) if isinstance(item, dict) and "path" in item else as_text(item) for item in items]


def _pairs(items: Mapping[str, JsonValue]) -> list[str]:
    return [f"{name}={as_text(item)}" for name, item in items.items()]


def _shown(fact: Fact) -> str:
    if fact.state != "value":
        return visible(shortened(f"({fact.reason or fact.state})", MOST_CHARACTERS))
    return visible(shortened(as_text(fact.value), MOST_CHARACTERS))
