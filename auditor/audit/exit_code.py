"""The exit code of an audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import FINDINGS, INCONCLUSIVE, OK, worst
from ..manifest.models import SEVERITIES, Finding, Severity
from ..manifest.queries import OWN


def at_or_above(finding: Finding, threshold: Severity) -> bool:
    """Whether the check failed with at least the threshold's severity."""
    return finding.outcome == "fail" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(threshold)


def concerns(finding: Finding, named: Collection[str], *, count_unknown: bool) -> bool:
    """
    Whether a failure concerns this user, and not only somebody who reaches the release's defect.

    The user's own checks and those named on the command line always do; so do findings of manifests without a kind.
    """
    if finding.kind != "release" or finding.check in named or finding.check.startswith(OWN):
        return True
    state = finding.reach.state if finding.reach else "unknown"
    return state == "reached" or (state == "unknown" and count_unknown)


def exit_code(
    findings: Sequence[Finding], threshold: Severity, required: Collection[str], *, count_unknown: bool = False
) -> int:
    """
    0: no failure that counts; 1: one at or above the threshold; 3: a required check that could not be measured.

    A defect of a release counts if the user's program reaches it; with `count_unknown` also if that is unknown. A
    required check that is `not-applicable` counts as not measured.
    """
    failed = any(
        at_or_above(finding, threshold) and concerns(finding, required, count_unknown=count_unknown)
        for finding in findings
    )
    return worst(FINDINGS if failed else OK, INCONCLUSIVE if unmeasured(findings, required) else OK)


def unmeasured(findings: Sequence[Finding], required: Collection[str]) -> list[str]:
    """One sentence for each required check that was not measured: the check and the reason."""
    found = {finding.check: finding for finding in findings}
    lost = [check for check in sorted(required) if check not in found or found[check].outcome not in ("pass", "fail")]
    reasons = {check: found[check].message if check in found else "it did not run" for check in lost}
    return [f"{check} was required and could not be measured: {reasons[check]}" for check in lost]
