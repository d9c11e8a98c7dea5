"""A rule about the options that the audit ran with: one that left out more than the policy allows proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...manifest.models import SEVERITIES, Asked
from ..policy.tables import Policy
from .evidence import Evidence, one
from .result import Result

TIERS = ("quick", "full")


@dataclass(frozen=True)
class AsAllowed:
    """The audit skipped nothing, and lowered no tier or threshold, beyond what the policy says."""

    policy: Policy

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive, with every option that is not allowed."""
        predicate = evidence.manifest.predicate
        if not predicate.findings and not predicate.readings:
            return one(
                evidence, rule="options", name="options", state="noted", reason="there was no audit, only replays"
            )
        asked = predicate.run.asked
        if asked is None:
            told = "the manifest does not record the options of its audit: audit again with this version"
            return one(evidence, rule="options", name="options", state="inconclusive", reason=told)
        problems = [*self._of_run(asked, predicate.run.tier), *self._of_selection(asked)]
        if not problems:
            return one(evidence, rule="options", name="options", state="pass", reason="as the policy allows")
        told = f"the audit ran with options that the policy does not allow: {'; '.join(problems)}"
        return one(evidence, rule="options", name="options", state="inconclusive", reason=told)

    def _of_run(self, asked: Asked, tier: str) -> Iterator[str]:
        wanted = self.policy.tier or "quick"
        if TIERS.index(tier) < TIERS.index(wanted):
            yield f"--tier {tier} (wanted: {wanted})"
        strictest = self.policy.fail.strictest()
        if SEVERITIES.index(asked.fail_on) < SEVERITIES.index(strictest):
            yield f"--fail-on {asked.fail_on} (wanted: {strictest} or lower)"
        if self.policy.require_deterministic and not asked.require_deterministic:
            yield "without --require-deterministic"

    def _of_selection(self, asked: Asked) -> Iterator[str]:
        checks, frameworks = self.policy.checks, self.policy.frameworks
        skipped = [check for check in asked.skip if check not in checks.skip]
        if skipped:
            yield f"--skip {', '.join(skipped)}"
        if asked.only and not ({*checks.only} and {*checks.only} <= {*asked.only}):
            yield f"--check {', '.join(asked.only)}, so that no other check ran"
        if asked.frameworks and not ({*frameworks} and {*frameworks} <= {*asked.frameworks}):
            yield f"--framework {', '.join(asked.frameworks)}, so that no other was audited"
