"""Everything that rules may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import JsonValue

from ...manifest.models import Fact, Finding, Manifest, Outcome
from ..policy.versions import package_of
from .result import Result

DISTRIBUTIONS = "python.distributions"
WORST_FIRST: tuple[Outcome, ...] = ("fail", "error", "inconclusive", "not-applicable", "pass")


@dataclass(frozen=True)
class Checkout:
    """The working tree in which the gate runs."""

    head: str = ""
    """The id of the commit; empty outside of a git checkout."""
    locks: dict[str, str] | None = None
    """File name to sha256 of the lock that the policy names; None if it names none."""


def as_it_is(result: Result) -> Result:
    """Excuses nothing."""
    return result


@dataclass(frozen=True)
class Evidence:
    """A manifest, and what it is judged against. Frozen, so that rules are pure functions of it."""

    manifest: Manifest
    now: datetime
    checkout: Checkout = Checkout()
    baseline: Manifest | None = None
    excuse: Callable[[Result], Result] = as_it_is
    """Marks a failure that is accepted, or that the baseline has."""

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """Check id to finding; of several about one check the worst, so that none hides another."""
        found: dict[str, Finding] = {}
        for finding in sorted(self.manifest.predicate.findings, key=lambda one: WORST_FIRST.index(one.outcome)):
            found.setdefault(finding.check, finding)
        return found

    def fact(self, key: str) -> Fact | None:
        """The fact of that key, or the entry of a map as `KEY/ENTRY`; None if it was not recorded."""
        facts = self.manifest.predicate.facts
        if key in facts or "/" not in key:
            return facts.get(key)
        name, entry = key.split("/", 1)
        whole = facts.get(name)
        if whole is None or whole.state != "value" or not isinstance(whole.value, dict):
            return whole
        if entry not in whole.value:
            return whole.model_copy(update={"state": "not-applicable", "value": None, "reason": f"there is no {entry}"})
        return whole.model_copy(update={"value": whole.value[entry]})

    def packages(self) -> dict[str, str] | None:
        """Package to its version; None if the manifest does not know."""
        return packages_of(self.manifest)


def packages_of(manifest: Manifest) -> dict[str, str] | None:
    """Package to its version in a manifest; None if it does not know."""
    fact = manifest.predicate.facts.get(DISTRIBUTIONS)
    if fact is None or fact.state != "value" or not isinstance(fact.value, dict):
        return None
    return {name: version_in(entry) for name, entry in fact.value.items()}


def version_in(entry: JsonValue) -> str:
    """The version in an entry of `python.distributions`; empty if it has none."""
    version = entry.get("version") if isinstance(entry, dict) else entry
    return version if isinstance(version, str) else ""


def installed(evidence: Evidence, requirement: str) -> tuple[str, str | None]:
    """The package of a requirement, and its version: empty if it is not installed, None if that is not known."""
    package, known = package_of(requirement), evidence.packages()
    return package, None if known is None else known.get(package, "")


def one(evidence: Evidence, **fields: object) -> Result:
    """A result that combines no others, excused where it may be."""
    return evidence.excuse(Result.model_validate(fields))


def leaves(results: Iterator[Result], rule: str, name: str, nothing: str) -> Result:
    """Several results as one: it fails if one fails, else is inconclusive if one is."""
    parts = [*results]
    return combined(rule, name, parts, len([part for part in parts if part.counted != "noted"]), nothing)


def combined(rule: str, name: str, parts: list[Result], wanted: int, nothing: str = "") -> Result:
    """The result of parts of which at least `wanted` must pass; those that are noted do not count."""
    states = [part.counted for part in parts]
    passed, open_ones = states.count("pass"), states.count("inconclusive")
    failed = states.count("fail")
    if passed >= wanted:
        state, reason = "pass", f"{passed} of {passed + open_ones + failed} held" if passed else nothing
    elif passed + open_ones >= wanted:
        state, reason = "inconclusive", f"{open_ones} could not be decided"
    else:
        state, reason = "fail", f"{failed} of {passed + open_ones + failed} failed"
    return Result(rule=rule, name=name, state=state, reason=reason, parts=parts)
