"""Rules about findings: severities that fail by kind and reach, and checks that must have been measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import nearest
from ...manifest.models import SEVERITIES, Finding
from ...manifest.queries import OWN, deviating, fixed_in
from ..policy.tables import Fail, Threshold
from .evidence import Evidence, leaves, one
from .result import Place, Result

REACH_WORDS = {
    "reached": "the program reaches it",
    "not-reached": "the program does not reach it",
    "unknown": "whether the program reaches it is unknown",
}


@dataclass(frozen=True)
class Findings:
    """No finding at or above the threshold of its kind and reach."""

    fail: Fail
    named: frozenset[str] = frozenset()
    """Checks whose failure counts whatever its reach."""

    def judge(self, evidence: Evidence) -> Result:
        """One result per finding; inconclusive if the manifest holds neither findings nor replays."""
        if not evidence.findings and not evidence.manifest.predicate.replays:
            return Result(
                rule="findings",
                name="findings",
                state="inconclusive",
                reason="the manifest holds neither findings nor replays, so there is nothing to judge",
            )
        return leaves(self._each(evidence), "findings", "findings", "there are no findings")

    def _each(self, evidence: Evidence) -> Iterator[Result]:
        for finding in evidence.manifest.predicate.findings:
            yield self._of(finding, evidence)

    def _of(self, finding: Finding, evidence: Evidence) -> Result:
        if finding.outcome == "pass":
            return one(evidence, **_fields(finding), state="pass", reason=finding.message)
        if finding.outcome != "fail":
            reason = f"{finding.outcome}: {finding.message}"
            return one(evidence, **_fields(finding), state="noted", reason=reason)
        threshold, why = self._threshold(finding)
        counts = threshold != "never" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(threshold)
        verb = "reaches" if counts else "is below"
        told = f"its severity {finding.severity} {verb} the threshold {threshold} ({why})"
        if threshold == "never":
            told = f"its severity is {finding.severity}, and such findings never count ({why})"
        return one(
            evidence, **_fields(finding), state="fail" if counts else "noted", reason=f"{finding.message}; {told}"
        )

    def _threshold(self, finding: Finding) -> tuple[Threshold, str]:
        """The threshold that applies, and why."""
        if finding.check.startswith(OWN):
            return self.fail.setup, "a check of your own"
        if finding.kind != "release":
            return self.fail.setup, "your set-up"
        reach = finding.reach.state if finding.reach else "unknown"
        if reach != "reached" and finding.check in self.named:
            return self.fail.reached, "a defect of a release whose check is required"
        threshold: Threshold = getattr(self.fail, reach.replace("-", "_"))
        return threshold, f"a defect of a release; {REACH_WORDS[reach]}"


def _fields(finding: Finding) -> dict[str, object]:
    reach, failed = finding.reach, finding.outcome == "fail"
    found = fixed_in(finding) if failed else []
    return {
        "rule": "finding",
        "name": finding.check,
        "severity": finding.severity,
        "framework": finding.framework,
        "remedy": finding.remedy if failed else "",
        "names": deviating(finding.evidence) if failed else [],
        "notes": [f"measured to be right in {release}" for release in found],
        "where": Place(file=reach.file, line=max(reach.line, 1)) if reach and reach.file else None,
    }


@dataclass(frozen=True)
class Required:
    """These checks were measured, whatever they found."""

    checks: tuple[str, ...]

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive if one is absent, not applicable, inconclusive, or ended with an error."""
        return leaves((self._of(check, evidence) for check in self.checks), "required", "required checks", "none")

    def _of(self, check: str, evidence: Evidence) -> Result:
        finding = evidence.findings.get(check)
        if finding is None:
            told = f"the manifest has no finding of it.{nearest(check, evidence.findings)}"
            return one(evidence, rule="required", name=check, state="inconclusive", reason=told)
        measured = finding.outcome in ("pass", "fail")
        return one(
            evidence,
            rule="required",
            name=check,
            state="pass" if measured else "inconclusive",
            reason=f"its outcome is {finding.outcome}" + ("" if measured else f": {finding.message}"),
            framework=finding.framework,
        )


@dataclass(frozen=True)
class CheckHolds:
    """A check passed: a rule of one's own."""

    check: str

    def judge(self, evidence: Evidence) -> Result:
        """Passes if the check did, fails if it failed, else is inconclusive."""
        finding = evidence.findings.get(self.check)
        if finding is None:
            told = f"the manifest has no finding of it.{nearest(self.check, evidence.findings)}"
            return one(evidence, rule="check", name=self.check, state="inconclusive", reason=told)
        state = finding.outcome if finding.outcome in ("pass", "fail") else "inconclusive"
        return one(evidence, **{**_fields(finding), "rule": "check"}, state=state, reason=finding.message)
