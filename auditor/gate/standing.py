"""Which failures the baseline has as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..manifest.models import SEVERITIES, Manifest
from .policy.tables import Policy
from .rules import written
from .rules.differences import incomparable
from .rules.evidence import Evidence
from .rules.result import Result, Standing

OF_THIS_AUDIT = ("commit", "clean", "age", "options", "lock", "required", "comparable", "measured")
"""Rules about one audit: no baseline excuses them."""


@dataclass(frozen=True)
class Before:
    """The results that the same rules have for the baseline."""

    results: dict[tuple[str, str], Result]

    @classmethod
    def of(cls, policy: Policy, baseline: Manifest, evidence: Evidence) -> Before | None:
        """None where the baseline measured other things, so that it excuses nothing."""
        if incomparable(evidence.manifest, baseline):
            return None
        old = Evidence(baseline, evidence.now, evidence.checkout)
        return cls(by_name(written.environment(policy, baseline).judge(old).leaves()))

    def standing(self, result: Result) -> Standing | None:
        """Whether a failure is new, worse than in the baseline, or unchanged."""
        if result.state != "fail" or result.rule in OF_THIS_AUDIT:
            return None
        before = self.results.get((result.rule, result.name))
        if before is None or before.state != "fail":
            return "new"
        return "worse" if _worse(result, before) else "unchanged"


def by_name(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """The results by rule and name; of two with one name the first."""
    found: dict[tuple[str, str], Result] = {}
    for result in results:
        found.setdefault((result.rule, result.name), result)
    return found


def excuse(before: Before | None, *, fail_new: bool) -> Callable[[Result], Result]:
    """Marks each failure with its standing, and as excused if the baseline has it and only new ones fail."""

    def marked(result: Result) -> Result:
        standing = before.standing(result) if before else None
        if standing is None:
            return result
        return result.model_copy(update={"standing": standing, "in_baseline": fail_new and standing == "unchanged"})

    return marked


def _worse(now: Result, before: Result) -> bool:
    if {*now.names} - {*before.names} or now.observed != before.observed:
        return True
    if now.severity is None or before.severity is None:
        return now.severity != before.severity
    return SEVERITIES.index(now.severity) < SEVERITIES.index(before.severity)
