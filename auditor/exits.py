"""From findings to an exit code."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .errors import FINDINGS, INCONCLUSIVE, OK, worst
from .manifest import SEVERITIES, Finding, Severity


def at_or_above(finding: Finding, threshold: Severity) -> bool:
    """Whether a failure is at least as severe as the threshold."""
    return finding.outcome == "fail" and SEVERITIES.index(finding.severity) <= SEVERITIES.index(threshold)


def exit_code(findings: Sequence[Finding], threshold: Severity, required: Collection[str]) -> int:
    """
    0 fine, 1 a failure at or above the threshold, 3 a required check that could not be measured.

    Could not measure never counts as a pass: for a required check that includes `not-applicable`.
    """
    failed = any(at_or_above(finding, threshold) for finding in findings)
    measured = {finding.check for finding in findings if finding.outcome in ("pass", "fail")}
    unmeasured = any(check not in measured for check in required)
    return worst(FINDINGS if failed else OK, INCONCLUSIVE if unmeasured else OK)
