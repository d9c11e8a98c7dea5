"""The facts that differ between two sides, and the effect of each difference on numbers."""

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
"""Key prefixes of facts read again after the checks, and the prefixes whose rules they use."""
BLIND = ("unknown", "error")
"""States of facts whose value is not known."""


class FactDifference(Frozen):
    """One fact, or one entry of it, that differs or whose equality is not known."""

    key: str
    """The fact's key."""
    entry: str
    """The entry of its map, or empty."""
    outcome: Literal["differs", "cannot-tell"]
    effect: Effect
    """The effect of a difference: it `changes` numbers, `may` change them, or `cannot`."""
    a: EntryState
    b: EntryState
    reason: str
    """Why the rule gives this effect."""
    source: str
    """The document behind the rule, else the measurement, or that it is reasoning."""
    basis: Basis
    """The evidence for the rule: a `source`, something `measured` by this project, or `reasoning`."""
    cause: CauseKind
    frameworks: tuple[str, ...]
    """The frameworks whose numbers it can change; empty for all."""

    @property
    def name(self) -> str:
        """`KEY`, or `KEY/ENTRY`."""
        return named(self.key, self.entry)


def named(key: str, entry: str) -> str:
    """The name that the table's patterns match, and that is shown."""
    return f"{key}/{entry}" if entry else key


def rule_for(key: str, entry: str, role: str) -> EffectRule:
    """The first rule that matches the name, else the rule of its role."""
    name = named(canonical_key(key), entry)
    return next((rule for rule in RULES if rule.meets.fullmatch(name)), BY_ROLE[role])


def canonical_key(key: str) -> str:
    """The key that the table uses."""
    for after, before in TWINS:
        if key.startswith(after):
            return before + key.removeprefix(after)
    return key


def differences(left: Mapping[str, Fact], right: Mapping[str, Fact]) -> list[FactDifference]:
    """Every fact that differs or whose equality is not known, by key and entry."""
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
    """The framework of a framework's own fact; other facts concern all frameworks."""
    first = key.split(".", maxsplit=1)[0]
    return (first,) if first in FRAMEWORKS else ()


def _outcome(key: str, a: EntryState, b: EntryState) -> Literal["differs", "cannot-tell"] | None:
    """
    None if both are equal.

    A value and no value differ. Equality is not known if both values are unknown, or if one side has no such fact.
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
    """Equality of JSON values: true is not 1. Library digests are compared only if both sides have one."""
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
