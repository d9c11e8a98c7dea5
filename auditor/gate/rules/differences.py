"""Rules about the baseline: whether it can be compared, what may differ from it, and what must still be measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import compare
from ...manifest.models import Manifest
from ...quoting.inert import shortened
from ..policy.tables import Allowed
from .evidence import DISTRIBUTIONS, Evidence, leaves, one, packages_of
from .globs import any_of
from .result import Result

NAMES_SHOWN = 10
CASES = ("all", "part")
"""Settings of a reading that say which part of a check's cases was measured."""


def incomparable(one_side: Manifest, other: Manifest) -> list[str]:
    """Why two manifests measured different things, so that a difference would say nothing; empty if they did not."""
    a, b = one_side.predicate, other.predicate
    pairs = [
        ("tier", a.run.tier, b.run.tier),
        ("version of the checks (payload)", a.auditor.payload_sha256[:12], b.auditor.payload_sha256[:12]),
        ("own checks", a.auditor.own_checks_sha256[:12] or "none", b.auditor.own_checks_sha256[:12] or "none"),
    ]
    if a.run.asked and b.run.asked:
        pairs += [
            ("table of severities", a.run.asked.severities, b.run.asked.severities),
            ("--all", str(a.run.asked.all_cases), str(b.run.asked.all_cases)),
            (
                "--require-deterministic",
                str(a.run.asked.require_deterministic),
                str(b.run.asked.require_deterministic),
            ),
        ]
    told = [f"{what}: {here} here, {there} in the baseline" for what, here, there in pairs if here != there]
    return told + _catalogue(one_side, other) + _cases(one_side, other)


def _catalogue(one_side: Manifest, other: Manifest) -> list[str]:
    here, there = ({finding.check for finding in side.predicate.findings} for side in (one_side, other))
    told = []
    for what, names in (("only here", here - there), ("only in the baseline", there - here)):
        if names:
            told.append(f"checks {what}: {_listed(sorted(names))}")
    return told


def _cases(one_side: Manifest, other: Manifest) -> list[str]:
    """Checks of which another part of the cases was measured."""
    found = [
        {
            (reading.check, name, value)
            for reading in side.predicate.readings
            for name, value in reading.settings.items()
            if name in CASES
        }
        for side in (one_side, other)
    ]
    measured = {reading.check for reading in one_side.predicate.readings} & {
        reading.check for reading in other.predicate.readings
    }
    names = sorted({check for check, _, _ in found[0] ^ found[1] if check in measured})
    return [f"other cases of {_listed(names)}"] if names else []


@dataclass(frozen=True)
class Comparable:
    """The baseline measured the same things in the same way."""

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive with what differs: nothing else is judged against the baseline then."""
        if evidence.baseline is None:
            return one(evidence, rule="comparable", name="baseline", state="noted", reason="there is no baseline")
        told = incomparable(evidence.manifest, evidence.baseline)
        if not told:
            return one(evidence, rule="comparable", name="baseline", state="pass", reason="it measured the same things")
        reason = f"the baseline is incomparable: {'; '.join(told)}. Make a new one with --update-baseline"
        return one(evidence, rule="comparable", name="baseline", state="inconclusive", reason=reason)


@dataclass(frozen=True)
class OnlyAllowed:
    """Packages and results differ from the baseline only where the policy allows it."""

    allowed: Allowed

    def judge(self, evidence: Evidence) -> Result:
        """One result for each package, and for each check whose results differ."""
        baseline = evidence.baseline
        if baseline is None or incomparable(evidence.manifest, baseline):
            return Result(rule="differences", name="baseline", state="noted", reason="nothing was compared")
        return leaves(self._each(evidence, baseline), "differences", "baseline", "nothing that is judged differs")

    def _each(self, evidence: Evidence, baseline: Manifest) -> Iterator[Result]:
        if self.allowed.packages is not None:
            yield from self._packages(evidence, baseline, self.allowed.packages)
        if self.allowed.operators is not None:
            yield from self._bits(evidence, baseline, self.allowed.operators)
        yield from _lost(evidence, baseline)

    @staticmethod
    def _packages(evidence: Evidence, baseline: Manifest, allowed: tuple[str, ...]) -> Iterator[Result]:
        before, after = packages_of(baseline), evidence.packages()
        if before is None or after is None:
            told = "one of the manifests does not record what is installed"
            yield one(evidence, rule="package", name=DISTRIBUTIONS, state="inconclusive", reason=told)
            return
        for name in sorted({*before, *after}):
            old, new = before.get(name, "absent"), after.get(name, "absent")
            if old == new:
                continue
            free = any_of(name, allowed)
            told = f"it changed from {shortened(old)} to {shortened(new)}"
            reason = (
                f"{told}, which the policy allows" if free else f"{told}, and it is not among the packages that may"
            )
            yield one(
                evidence,
                rule="package",
                name=f"{DISTRIBUTIONS}/{name}",
                state="pass" if free else "fail",
                reason=reason,
                observed=new,
                severity=None if free else "high",
                remedy=""
                if free
                else "Install the version of the baseline, allow the package in "
                "`baseline.allow.packages`, or make a new baseline with `gate --update-baseline`.",
            )

    @staticmethod
    def _bits(evidence: Evidence, baseline: Manifest, allowed: tuple[str, ...]) -> Iterator[Result]:
        found = compare.compare(compare.of_manifest(baseline), compare.of_manifest(evidence.manifest))
        moved: dict[str, set[str]] = {}
        for reading in found.readings:
            if reading.outcome == "differs":
                moved.setdefault(reading.check, set()).update(reading.names)
        for table in found.operators:
            moved.setdefault(table.check, set()).update(each.name for each in table.differing)
        for check, names in sorted(moved.items()):
            refused = sorted(name for name in names if not any_of(f"{check} {name}", allowed))
            if not names:
                continue
            told = f"other bits than in the baseline: {_listed(refused or sorted(names))}"
            yield one(
                evidence,
                rule="operators",
                name=check,
                state="fail" if refused else "pass",
                reason=told if refused else f"{told}, which the policy allows",
                names=refused,
                severity="high" if refused else None,
            )


def _lost(evidence: Evidence, baseline: Manifest) -> Iterator[Result]:
    """Checks that the baseline measured, and this audit tried without a result."""
    for before in baseline.predicate.findings:
        now = evidence.findings.get(before.check)
        if now is not None and before.outcome in ("pass", "fail") and now.outcome not in ("pass", "fail"):
            told = f"the baseline measured it ({before.outcome}); now its outcome is {now.outcome}: {now.message}"
            yield one(evidence, rule="measured", name=before.check, state="inconclusive", reason=told)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
