"""Which facts differ between two sides, and what each difference can do to numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from ..frameworks import FRAMEWORKS
from ..manifest.models import Fact, Frozen
from . import entries
from .entries import EntryState
from .table import BY_ROLE, RULES, Basis, Effect, EffectRule
from .table.rule import CauseKind

TWINS = (("jax.after.", "jax.config."), ("torch.after.", "torch."), ("tensorflow.after.", "tensorflow."))
"""Facts that were read again after the checks have the rules of the first ones."""
BLIND = ("unknown", "error")
"""States in which there may be a value that nobody saw."""


class FactDifference(Frozen):
    """One fact, or one entry of a map, in which two sides differ or cannot be told apart."""

    key: str
    """The fact's key."""
    entry: str
    """The entry of its map, or empty."""
    outcome: Literal["differs", "cannot-tell"]
    effect: Effect
    """What a difference can do to numbers: `changes` them, `may` change them, `cannot`."""
    a: EntryState
    b: EntryState
    reason: str
    """Why the rule gives this effect."""
    source: str
    """Who says so, else what was measured, or that it is reasoning."""
    basis: Basis
    """What the rule stands on: a `source`, something `measured` by this project, or `reasoning` alone."""
    cause: CauseKind
    frameworks: tuple[str, ...]
    """Whose numbers it concerns; empty for all."""

    @property
    def name(self) -> str:
        """The key, with the entry behind a stroke."""
        return named(self.key, self.entry)


def named(key: str, entry: str) -> str:
    """What the table's patterns are matched with, and how people are told."""
    return f"{key}/{entry}" if entry else key


def rule_for(key: str, entry: str, role: str) -> EffectRule:
    """The first rule that meets it, else that of its role."""
    name = named(canonical_key(key), entry)
    return next((rule for rule in RULES if rule.meets.fullmatch(name)), BY_ROLE[role])


def canonical_key(key: str) -> str:
    """The key under which the table knows it."""
    for after, before in TWINS:
        if key.startswith(after):
            return before + key.removeprefix(after)
    return key


def differences(left: Mapping[str, Fact], right: Mapping[str, Fact]) -> list[FactDifference]:
    """Every fact that differs or cannot be told apart, by key and entry."""
    found = []
    for key in sorted({*left, *right}):
        for entry, a, b in entries.paired(entries.of(key, left.get(key)), entries.of(key, right.get(key))):
            outcome = _outcome(key, a, b)
            if outcome is not None:
                fact = left.get(key) or right[key]
                rule = rule_for(key, entry, fact.role)
                found.append(
                    FactDifference(
                        key=key,
                        entry=entry,
                        outcome=outcome,
                        effect=rule.effect,
                        a=a,
                        b=b,
                        reason=rule.reason,
                        source=rule.source,
                        basis=rule.basis,
                        cause=rule.cause,
                        frameworks=rule.frameworks or _own(key),
                    )
                )
    return found


def _own(key: str) -> tuple[str, ...]:
    """A framework's facts are read in its own process, and concern its numbers alone."""
    first = key.split(".", maxsplit=1)[0]
    return (first,) if first in FRAMEWORKS else ()


def _outcome(key: str, a: EntryState, b: EntryState) -> Literal["differs", "cannot-tell"] | None:
    """
    None where both say the same.

    A value against none is a difference; two blind sides cannot be told apart, nor can a fact that one never asked for.
    """
    if "not-recorded" in (a.state, b.state) or (a.state in BLIND and b.state in BLIND):
        return "cannot-tell"
    if a.state != b.state:
        return "differs"
    if a.state != "value":
        return None
    if a.value in entries.REDACTED and b.value in entries.REDACTED:
        return "cannot-tell"
    return None if _same(key, a.value, b.value) else "differs"


def _same(key: str, left: JsonValue, right: JsonValue) -> bool:
    """Equal as JSON: true is not 1. A library's digest counts only where both sides took one."""
    if key.endswith(".libraries.loaded") and isinstance(left, dict) and isinstance(right, dict):
        shared = {name for name in left if name in right} or {*left, *right}
        return all(_same("", left.get(name), right.get(name)) for name in shared)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same("", a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same("", part, right[name]) for name, part in left.items())
    return left == right
