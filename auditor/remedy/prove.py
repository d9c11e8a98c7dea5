"""
Proves a remedy: runs the failed checks again, alternating between an arm without the remedy and an arm with it.

A finding counts as cured if it fails without the remedy, never with it, and in enough runs that luck is improbable:
with `p` the lower 95 % bound of the failure rate without it, `(1 - p) ^ n <= 0.05` for `n` runs with it. One failure
with the remedy disproves it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..catalogue.catalogue import CheckInfo
from ..confidence import clean_runs_needed, rate_lower_95
from ..manifest.models import Finding
from .arms import Conditions, ProofArm, Trial
from .model import Remedy, RemedyProof, Status

LEAST_RUNS = 3
"""Smallest number to ask for. A fault that appears in every run needs 5: their lower bound of 0.55 needs 4 agreeing."""
MOST_RUNS = 12
"""Largest number of runs for a fault that does not appear in every run; one that needs more stays not proven."""


@dataclass
class _Trials:
    """The runs of one check in both arms."""

    without: list[Trial] = field(default_factory=list)
    under: list[Trial] = field(default_factory=list)

    def judge(self) -> tuple[Status, str]:
        """The status so far, and its figures as a sentence."""
        seen = sum(trial.outcome == "fail" for trial in self.without)
        told = f"failed in {seen} of {len(self.without)} runs without the remedy"
        if again := [trial for trial in self.under if trial.outcome == "fail"]:
            return "not cured", f"{told}, and in {len(again)} of {len(self.under)} with it: {again[0].message}"
        if lost := [trial for trial in (*self.without, *self.under) if trial.outcome not in ("fail", "pass")]:
            where = "with" if lost[0] in self.under else "without"
            return "not measured", f"{lost[0].outcome} {where} the remedy: {lost[0].message}"
        if not seen:
            return "not proven", f"{told}: a fault that does not appear cannot be shown to be cured"
        needed = clean_runs_needed(rate_lower_95(seen, len(self.without)))
        told += f", in 0 of {len(self.under)} with it"
        if len(self.under) < needed:
            return "not proven", f"{told}; significance needs {needed} agreeing runs"
        return "cured", told

    def is_open(self, runs: int) -> bool:
        """Whether more runs can change the status."""
        status, _ = self.judge()
        made = len(self.under)
        if status in ("not cured", "not measured"):
            return False
        return made < runs or (status == "not proven" and self._seen() and made < MOST_RUNS)

    def _seen(self) -> bool:
        return any(trial.outcome == "fail" for trial in self.without)


def prove(
    findings: Sequence[Finding],
    checks: Mapping[str, CheckInfo],
    remedy: Remedy,
    conditions: Conditions,
    tell: Callable[[str], None],
) -> list[RemedyProof]:
    """
    Run the checks of failed findings without and with the remedy, and say which it cures.

    `checks` is our own catalogue, by id; `tell` receives progress messages. Raises SetupError if the user's set-up file
    fails. A failure of the remedy's code counts as a result of its arm.
    """
    wanted = {finding.check: _measured(finding, checks) for finding in findings if finding.check in checks}
    trials = {check: _Trials() for check in wanted}
    with tempfile.TemporaryDirectory(prefix="auditor-remedy-") as scratch:
        arms = (
            ProofArm(conditions, remedy, applied=False),
            ProofArm(conditions, remedy, applied=True, scratch=Path(scratch)),
        )
        for turn in range(max(conditions.runs, MOST_RUNS)):
            left = [check for check in wanted if trials[check].is_open(conditions.runs)]
            if not left:
                break
            measured = {name: wanted[check][name] for check in left for name in wanted[check]}
            for arm in arms if turn % 2 == 0 else arms[::-1]:
                tell(f"run {turn + 1}, {arm.label}: {', '.join(left)}")
                found = arm.run([(checks[name], names) for name, names in measured.items()])
                for check in left:
                    (trials[check].under if arm.applied else trials[check].without).append(found[check])
    return [_proof(finding.check, trials.get(finding.check)) for finding in findings]


def _measured(finding: Finding, checks: Mapping[str, CheckInfo]) -> dict[str, tuple[str, ...]]:
    """
    The checks to run for a finding, each with the values to measure (none: all).

    If another check observed the fault, that check runs too. Otherwise only the values that differed are measured.
    """
    witness, differing = finding.evidence.get("seen by"), finding.evidence.get("differing")
    if isinstance(witness, str) and witness in checks:
        return {finding.check: (), witness: ()}
    alone = isinstance(differing, dict) and not finding.evidence.get("factors")
    return {finding.check: tuple(differing) if alone and isinstance(differing, dict) else ()}


def _proof(check: str, trials: _Trials | None) -> RemedyProof:
    if trials is None:
        return RemedyProof(check, "not measured", "this version of auditor does not have the check")
    status, reason = trials.judge()
    return RemedyProof(
        check,
        status,
        reason,
        tuple(trial.seconds for trial in trials.without),
        tuple(trial.seconds for trial in trials.under),
    )
