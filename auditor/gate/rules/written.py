"""From a policy to the rules that it states."""

from __future__ import annotations

from collections.abc import Iterator

from ...manifest.models import Manifest
from ..policy.tables import Policy, RuleTable
from .combine import AllOf, AnyOf, AtLeast, Rule
from .differences import Comparable, OnlyAllowed
from .facts import FactHolds, Framework, Package
from .findings import CheckHolds, Findings, Required
from .options import AsAllowed
from .replays import ReplayHolds, ReplaysHold
from .subject import AboutHead, AsLocked, CleanTree, NotOld


def gate(policy: Policy, manifest: Manifest, *, with_baseline: bool) -> AllOf:
    """Everything that must hold for a manifest, in the order in which it is told."""
    rules = [*_of_manifest(policy, manifest), *_of_subject(policy)]
    if with_baseline and policy.baseline is not None:
        rules += [Comparable(), OnlyAllowed(policy.baseline.allow)]
    return AllOf("gate", rules)


def environment(policy: Policy, manifest: Manifest) -> AllOf:
    """The part of it that can be asked of a baseline as well, which is about another commit and time."""
    return AllOf("gate", [*_of_manifest(policy, manifest)])


def _of_manifest(policy: Policy, manifest: Manifest) -> Iterator[Rule]:
    asked = manifest.predicate.run.asked
    named = {*policy.checks.require, *policy.checks.only, *(asked.require if asked else ())}
    yield Findings(policy.fail, frozenset(named))
    yield ReplaysHold(policy.replays)
    if required := tuple(dict.fromkeys((*policy.checks.require, *policy.checks.only))):
        yield Required(required)
    yield from (Framework(name) for name in policy.frameworks)
    yield from (Package(requirement) for requirement in policy.versions)
    yield from (FactHolds(key, expected) for key, expected in policy.facts.items())
    yield from (_own(table) for table in policy.rules)


def _of_subject(policy: Policy) -> Iterator[Rule]:
    yield AsAllowed(policy)
    if policy.lock is not None:
        yield AsLocked(policy.lock)
    if policy.commit:
        yield AboutHead()
    if policy.clean:
        yield CleanTree()
    if policy.max_age_days is not None:
        yield NotOld(policy.max_age_days)


def _own(table: RuleTable) -> Rule:
    """A rule of one's own; its table has exactly one of the fields."""
    if table.check is not None:
        return CheckHolds(table.check)
    if table.package is not None:
        return Package(table.package)
    if table.replay is not None:
        return ReplayHolds(table.replay)
    if table.fact is not None:
        return AllOf(table.name, [FactHolds(key, expected) for key, expected in table.fact.items()])
    if table.all_of is not None:
        return AllOf(table.name, [_own(part) for part in table.all_of])
    if table.any_of is not None:
        return AnyOf(table.name, [_own(part) for part in table.any_of])
    return AtLeast(table.name, table.count or 1, [_own(part) for part in table.at_least or ()])
